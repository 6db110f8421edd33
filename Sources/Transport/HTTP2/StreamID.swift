/// The number of an HTTP/2 stream within its connection (RFC 9113 section 5.1.1).
package struct StreamID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: Int32

    package init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static func < (lhs: StreamID, rhs: StreamID) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    package var description: String { "\(rawValue)" }
}
