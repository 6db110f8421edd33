/// Names of short-lived files.
enum RandomName {
    /// 128 bits, in hexadecimal digits.
    static func make() -> String {
        let high = String(UInt64.random(in: .min ... .max), radix: 16)
        let low = String(UInt64.random(in: .min ... .max), radix: 16)
        return high + "-" + low
    }
}
