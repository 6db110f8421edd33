/// The id of a pod or a container towards its clients: 64 lower-case hexadecimal digits.
package struct ObjectID<Kind>: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Nil unless `rawValue` is 64 lower-case hexadecimal digits.
    package init?(_ rawValue: String) {
        guard rawValue.utf8.count == 64,
            rawValue.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

package enum PodKind {}
package enum ContainerKind {}

package typealias PodID = ObjectID<PodKind>
package typealias ContainerID = ObjectID<ContainerKind>

/// An image's identity: the digest of its config, `sha256:<64 hex>` (an old rkt engine: `sha512-<64 hex>`).
package struct ImageID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Nanoseconds since the epoch (the unit of every time in the CRI). Zero: has not happened.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    package static let never = Timestamp(nanoseconds: 0)
    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }
}
