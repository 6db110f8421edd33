import ByteText
import ArgumentParser

/// `10s`, `500ms`, `2m`, `1h30m`; a bare number is seconds.
struct DurationArgument: ExpressibleByArgument, Equatable {
    /// Never negative.
    let nanoseconds: Int64

    var duration: Duration { .nanoseconds(nanoseconds) }

    /// Rounded up: what is more than nothing stays so, since nothing has a meaning of its own.
    var milliseconds: Int64 { nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1) }

    init?(argument: String) {
        if let seconds = Self.scaled(argument[...], 1_000_000_000) {
            nanoseconds = seconds
            return
        }
        var rest = argument[...]
        var sum: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let (number, behind) = rest.leading { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
            let (unit, next) = behind.leading(\.isASCIILetter)
            rest = next
            guard let factor = Self.units[String(unit)], let part = Self.scaled(number, factor) else { return nil }
            let (total, overflow) = sum.addingReportingOverflow(part)
            if overflow { return nil }
            sum = total
        }
        nanoseconds = sum
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    private static func scaled(_ number: Substring, _ factor: Int64) -> Int64? {
        guard number.utf8.first?.isASCIIDigit == true else { return nil }
        if let whole = Int64(digits: number) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        guard number.utf8.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ".") }), let value = Double(number),
            value * Double(factor) < 9e18
        else { return nil }
        return Int64(value * Double(factor))
    }

    var defaultValueDescription: String { "\(duration)" }
}
