/// The value of `grpc-timeout`: one to eight digits and a unit.
///
/// GRPCCore applies the timeout, from the metadata. It reads at most seven digits and takes a longer value for none at
/// all, while other implementations send eight; so the value is checked and, where it must be, written anew in the next
/// larger unit.
enum GRPCTimeout {
    private static let units: [(symbol: UInt8, perNext: UInt64)] = [
        (UInt8(ascii: "n"), 1000), (UInt8(ascii: "u"), 1000), (UInt8(ascii: "m"), 1000),
        (UInt8(ascii: "S"), 60), (UInt8(ascii: "M"), 60), (UInt8(ascii: "H"), 0),
    ]
    private static let largest: UInt64 = 9_999_999

    /// The timeout in a form GRPCCore reads, never shorter than asked; nil when the value is malformed.
    static func normalised(_ value: String) -> String? {
        let bytes = Array(value.utf8)
        guard (2...9).contains(bytes.count), let symbol = bytes.last else { return nil }
        guard var unit = units.firstIndex(where: { $0.symbol == symbol }) else { return nil }
        guard bytes.dropLast().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        var amount = bytes.dropLast().reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
        while amount > largest {
            let step = units[unit].perNext
            guard step > 0 else {
                amount = largest
                break
            }
            amount = (amount + step - 1) / step
            unit += 1
        }
        return "\(amount)\(Character(UnicodeScalar(units[unit].symbol)))"
    }
}
