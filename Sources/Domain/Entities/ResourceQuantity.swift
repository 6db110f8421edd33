import ByteText

/// A number as Kubernetes writes amounts: `10M`, `1.5Gi`, `2e6`, `100m` (its API's `resource.Quantity`).
package struct ResourceQuantity: Hashable, Sendable {
    /// Rounded up to a whole.
    package let value: Int64

    /// - Returns: nil for what is no quantity, a negative one, and one that is larger than `Int64.max`.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        var place = bytes.first == UInt8(ascii: "+") ? 1 : 0
        var mantissa: UInt64 = 0
        var (digits, fraction, isPastPoint) = (0, 0, false)
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "."), !isPastPoint {
                isPastPoint = true
            } else if byte.isASCIIDigit {
                // More than any amount needs, and no more than the arithmetic below takes.
                guard digits < 18 else { return nil }
                mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0"))
                digits += 1
                if isPastPoint { fraction += 1 }
            } else {
                break
            }
            place += 1
        }
        guard digits > 0, let scale = Self.scale(String(decoding: bytes[place...], as: UTF8.self), fraction) else {
            return nil
        }
        let product = mantissa.multipliedFullWidth(by: scale.factor)
        guard product.high < scale.divisor else { return nil }
        let (quotient, remainder) = scale.divisor.dividingFullWidth(product)
        guard let whole = Int64(exactly: quotient), whole < Int64.max || remainder == 0 else { return nil }
        value = remainder == 0 ? whole : whole + 1
    }

    /// What the digits are multiplied with and divided by, given how many of them are behind the point.
    private static func scale(_ suffix: String, _ fraction: Int) -> (factor: UInt64, divisor: UInt64)? {
        if let exponent = exponent(suffix) { return decimal(exponent - fraction) }
        guard let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(where: { suffix.isSame(as: $0) }),
            let tens = decimal(-fraction)
        else { return nil }
        return (1 << UInt64(10 * (binary + 1)), tens.divisor)
    }

    private static func exponent(_ suffix: String) -> Int? {
        if suffix.utf8.isEmpty { return 0 }
        if suffix.isSame(as: "m") { return -3 }
        if let index = ["k", "M", "G", "T", "P", "E"].firstIndex(where: { suffix.isSame(as: $0) }) {
            return 3 * (index + 1)
        }
        guard suffix.utf8.first == UInt8(ascii: "e") || suffix.utf8.first == UInt8(ascii: "E") else { return nil }
        let rest = Substring(suffix.utf8.dropFirst())
        let number = rest.without(prefix: "+") ?? rest
        return Int(decimal: number)
    }

    private static func decimal(_ exponent: Int) -> (factor: UInt64, divisor: UInt64)? {
        guard (-18...18).contains(exponent) else { return nil }
        let power = (0..<abs(exponent)).reduce(UInt64(1)) { power, _ in power * 10 }
        return exponent < 0 ? (1, power) : (power, 1)
    }
}
