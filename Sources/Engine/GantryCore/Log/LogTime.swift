/// Writes times as RFC 3339 with nine digits of a second, in UTC: `2026-11-23T23:04:05.000000007Z`.
enum LogTime {
    static func append(_ nanoseconds: Int64, to output: inout [UInt8]) {
        let (seconds, fraction) = divide(nanoseconds, 1_000_000_000)
        let (days, second) = divide(seconds, 86_400)
        let (year, month, day) = date(days)
        digits(year, 4, &output)
        output.append(UInt8(ascii: "-"))
        digits(month, 2, &output)
        output.append(UInt8(ascii: "-"))
        digits(day, 2, &output)
        output.append(UInt8(ascii: "T"))
        digits(second / 3600, 2, &output)
        output.append(UInt8(ascii: ":"))
        digits(second / 60 % 60, 2, &output)
        output.append(UInt8(ascii: ":"))
        digits(second % 60, 2, &output)
        output.append(UInt8(ascii: "."))
        digits(fraction, 9, &output)
        output.append(UInt8(ascii: "Z"))
    }

    /// Division that rounds down.
    private static func divide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    /// The Gregorian date of a day counted from 1970-01-01. Years are taken to begin in March, so that the leap day is their last.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (cycle, dayOfCycle) = divide(days + 719_468, 146_097)
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day)
    }

    private static func digits(_ value: Int64, _ count: Int, _ output: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            output.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
