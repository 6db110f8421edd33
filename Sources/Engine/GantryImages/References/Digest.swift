import ByteText

/// A content digest, `sha256:` and 64 lower-case hex digits (OCI image specification, "Digests").
///
/// Other algorithms are refused: nothing that cannot be verified enters the store.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 64 hex digits, the name of a blob's file.
    package let hex: String

    /// Reads `sha256:<hex>`; nil for anything else.
    package init?(_ text: String) {
        guard let hex = text.without(prefix: "sha256:") else { return nil }
        self.init(hex: String(hex))
    }

    /// Reads the 64 digits alone; nil for anything else.
    package init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isHexDigit) else { return nil }
        self.hex = hex
    }

    package var description: String { "sha256:\(hex)" }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
