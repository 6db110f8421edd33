/// The token in an `Authorization` header (RFC 6750 section 2.1).
enum BearerToken {
    private static let scheme = Array("bearer ".utf8)

    /// Whether it is one of these. It takes as long for a good guess as for a bad one.
    static func shows(_ header: String, oneOf tokens: [String]) -> Bool {
        let bytes = Array(header.utf8)
        guard bytes.count > scheme.count, zip(bytes, scheme).allSatisfy({ $0 | 0x20 == $1 }) else { return false }
        // All are looked at, whichever it is.
        return tokens.map { equal(bytes[scheme.count...], Array($0.utf8)) }.contains(true)
    }

    private static func equal(_ given: ArraySlice<UInt8>, _ token: [UInt8]) -> Bool {
        guard !token.isEmpty else { return false }
        var difference = given.count ^ token.count
        for (index, byte) in given.enumerated() { difference |= Int(byte ^ token[index % token.count]) }
        return difference == 0
    }
}
