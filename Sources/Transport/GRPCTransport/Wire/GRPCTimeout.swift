/// The value of `grpc-timeout`: one to eight digits and a unit.
///
/// The connection times its calls itself and hides the field from GRPCCore, whose timer, a sleeping task, keeps 1.7 kB of memory until the time is
/// over, however early the call ends: a client that gives its calls an hour and makes a hundred a second would have 600 MB of them.
enum GRPCTimeout {
    /// What handlers find it under; nothing that a client sends has this name.
    static let metadataKey = "rktlet-timeout"

    private static let units: [UInt8: Int64] = [
        UInt8(ascii: "n"): 1, UInt8(ascii: "u"): 1000, UInt8(ascii: "m"): 1_000_000, UInt8(ascii: "S"): 1_000_000_000,
        UInt8(ascii: "M"): 60_000_000_000, UInt8(ascii: "H"): 3_600_000_000_000,
    ]
    /// A hundred years.
    private static let longest: Int64 = 36_500 * 86_400 * 1_000_000_000

    /// In nanoseconds, a hundred years at most; nil when the value is malformed.
    static func nanoseconds(_ value: String) -> Int64? {
        let bytes = Array(value.utf8)
        guard (2...9).contains(bytes.count), let unit = bytes.last.flatMap({ units[$0] }) else { return nil }
        guard bytes.dropLast().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let amount = bytes.dropLast().reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        let (product, isOver) = amount.multipliedReportingOverflow(by: unit)
        return isOver ? longest : min(product, longest)
    }
}
