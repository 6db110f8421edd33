import ByteText
import Domain
import Glibc

/// What an IP address or range of a request must look like.
extension FieldPath {
    /// An IPv4 or IPv6 address. `zone`: an IPv6 address may name its interface, as in `fe80::1%eth0`.
    package func address(_ value: String, zone allowsZone: Bool = false) throws(DomainError) -> String {
        var bare = value[...]
        if allowsZone, value.has(":"), let (address, zone) = value.cut(at: "%") {
            _ = try word(String(zone))
            bare = address
        }
        guard Self.addressWidth(String(bare)) != nil else {
            throw invalid("\(value.quotedForMessage) is not an IP address")
        }
        return value
    }

    /// One range of addresses, `10.244.0.0/24`, or two of them with a comma: one IPv4 and one IPv6.
    package func ranges(_ value: String) throws(DomainError) -> String {
        for part in value.pieces(at: ",") {
            let halves = part.pieces(at: "/", maxPieces: 2)
            guard halves.count == 2, let width = Self.addressWidth(String(halves[0])),
                let prefix = Int(digits: halves[1]), prefix <= width
            else { throw invalid("\(value.quotedForMessage) is not a range of addresses such as 10.244.0.0/24") }
        }
        return value
    }

    /// 32 or 128, nil for what is no address.
    private static func addressWidth(_ text: String) -> Int? {
        guard !text.utf8.contains(0) else { return nil }
        var storage = in6_addr()
        if inet_pton(AF_INET, text, &storage) == 1 { return 32 }
        if inet_pton(AF_INET6, text, &storage) == 1 { return 128 }
        return nil
    }
}
