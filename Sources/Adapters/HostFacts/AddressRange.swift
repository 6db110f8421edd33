import ByteText
import Glibc

/// `10.88.0.0/16`, `fd00::/64`.
enum AddressRange {
    static func isValid(_ text: Substring) -> Bool {
        let parts = text.pieces(at: "/")
        guard parts.count == 2, let bits = Int(digits: parts[1]), !parts[0].utf8.contains(0) else { return false }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, String(parts[0]), &v4) == 1 { return (0...32).contains(bits) }
        return inet_pton(AF_INET6, String(parts[0]), &v6) == 1 && (0...128).contains(bits)
    }
}
