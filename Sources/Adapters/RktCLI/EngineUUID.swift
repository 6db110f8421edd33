import Domain

/// The engine's name for a pod. It stays inside the adapter: clients see the pod id.
struct EngineUUID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// The first half of the pod id, in the form of a UUID: no table is needed to find a pod again.
    init(_ pod: PodID) {
        let digits = Array(pod.rawValue.prefix(32))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        description = text
    }

    /// What the id of the pod begins with whose UUID this is.
    var podIDPrefix: String { description.filter { $0 != "-" } }

    /// One that the engine chose; nil unless it looks like a UUID.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [8, 4, 4, 4, 12],
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isHexDigit } })
        else { return nil }
        description = text
    }
}
