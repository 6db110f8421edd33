/// `Host` (RFC 9110 section 7.2), as far as it can be this machine's own: a name or address, and perhaps a port.
enum HostHeader {
    private static let loopback = ["localhost", "127.0.0.1", "[::1]"]

    /// - Parameter anyName: also a name of letters, digits, `-` and `_`, without a dot.
    static func isOurs(_ text: String, anyName: Bool) -> Bool {
        let bytes = Array(text.utf8)
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let end =
            isBracketed
            ? bytes.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } ?? bytes.count
            : bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
        guard isPort(bytes[end...]) else { return false }
        let name = bytes[..<end].map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        if loopback.contains(where: { $0.utf8.elementsEqual(name) }) { return true }
        return anyName && !name.isEmpty && name.allSatisfy(isOfName)
    }

    /// `:8282`, or nothing.
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard colon == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) })
        else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) } <= 65_535
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
