extension Timestamp {
    /// `2026-11-23T23:04:05.000000007Z`, or with an offset such as `+01:00`; nil for anything else (RFC 3339).
    package init?(rfc3339 text: String) {
        var bytes = Array(text.utf8)[...]
        guard let year = bytes.takeNumber(4), bytes.take("-"), let month = bytes.takeNumber(2), bytes.take("-"),
            let day = bytes.takeNumber(2), bytes.take("T") || bytes.take("t") || bytes.take(" "),
            let hour = bytes.takeNumber(2), bytes.take(":"), let minute = bytes.takeNumber(2), bytes.take(":"),
            let second = bytes.takeNumber(2), (1...12).contains(month),
            (1...Self.daysInMonth(month, year)).contains(day), hour < 24, minute < 60, second <= 60,
            // What 64 bits of nanoseconds hold.
            (1970...2261).contains(year)
        else { return nil }
        var fraction: Int64 = 0
        if bytes.take(".") {
            guard let digits = bytes.takeFraction() else { return nil }
            fraction = digits
        }
        guard let offset = bytes.takeOffset(), bytes.isEmpty else { return nil }
        let days = Self.days(year, month, day)
        self.init(
            nanoseconds: ((days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000_000) + fraction)
    }

    private static func daysInMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 on. Years are taken to begin in March, so that the leap day is their last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: character) else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeNumber(_ digits: Int) -> Int64? {
        guard count >= digits, prefix(digits).allSatisfy({ (48...57).contains($0) }) else { return nil }
        defer { removeFirst(digits) }
        return prefix(digits).reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    /// Nanoseconds; digits beyond the ninth say nothing.
    fileprivate mutating func takeFraction() -> Int64? {
        let digits = prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        removeFirst(digits.count)
        var value: Int64 = 0
        for place in 0..<9 {
            value = value * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place] - 48) : 0)
        }
        return value
    }

    /// Seconds east of UTC.
    fileprivate mutating func takeOffset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = takeNumber(2), take(":"), let minutes = takeNumber(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }
}
