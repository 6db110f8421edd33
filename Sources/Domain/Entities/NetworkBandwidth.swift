import ByteText

/// How fast a pod's network may be, in bits per second: its annotations `kubernetes.io/ingress-bandwidth` and `kubernetes.io/egress-bandwidth`,
/// which network plugins with the capability `bandwidth` keep to.
package struct NetworkBandwidth: Hashable, Sendable {
    /// Nil: as fast as it is.
    package var ingress: Int64?
    package var egress: Int64?

    /// What Kubernetes takes for a reasonable limit.
    private static let reasonable: ClosedRange<Int64> = 1_000...1_000_000_000_000_000

    /// - Throws: `invalidArgument` naming the annotation whose value is no quantity, or beyond 1k to 1P.
    package init(annotations: [String: String]) throws(DomainError) {
        ingress = try Self.rate("kubernetes.io/ingress-bandwidth", annotations)
        egress = try Self.rate("kubernetes.io/egress-bandwidth", annotations)
    }

    package var isUnlimited: Bool { ingress == nil && egress == nil }

    private static func rate(_ key: String, _ annotations: [String: String]) throws(DomainError) -> Int64? {
        guard let text = annotations[key] else { return nil }
        guard let rate = ResourceQuantity(text)?.value, reasonable.contains(rate) else {
            throw DomainError(
                .invalidArgument,
                "config.annotations[\"\(key)\"]: must be a quantity of bits per second from 1k to 1P, such as 10M")
        }
        return rate
    }
}
