import ByteText
import Domain

extension CgroupDirectory {
    /// `cpu.pressure` and the like. Nil where the kernel has none, or was built to count none.
    func pressure(_ name: String) -> Pressure? { text(name).flatMap(PressureFile.parse) }
}

/// Lines `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` and `full …`.
enum PressureFile {
    static func parse(_ text: String) -> Pressure? {
        var some: Pressure.Share?
        var full: Pressure.Share?
        for line in text.words(at: "\n") {
            let words = line.words(at: " ")
            switch words.first {
            case "some": some = share(words.dropFirst())
            case "full": full = share(words.dropFirst())
            default: continue
            }
        }
        // `cpu.pressure` had no second line before Linux 5.13.
        return some.map {
            Pressure(some: $0, full: full ?? Pressure.Share(total: 0, average10: 0, average60: 0, average300: 0))
        }
    }

    private static func share(_ words: ArraySlice<Substring>) -> Pressure.Share? {
        var share = Pressure.Share(total: 0, average10: 0, average60: 0, average300: 0)
        var hasTotal = false
        for word in words {
            guard let (key, value) = word.cut(at: "=") else { continue }
            switch key {
            case "avg10": share.average10 = percent(value)
            case "avg60": share.average60 = percent(value)
            case "avg300": share.average300 = percent(value)
            case "total":
                guard let total = UInt64(digits: value) else { return nil }
                share.total = total
                hasTotal = true
            default: continue
            }
        }
        return hasTotal ? share : nil
    }

    /// Digits, a point, digits.
    private static func percent(_ text: Substring) -> Double {
        let (whole, fraction) = text.cut(at: ".") ?? (text, "")
        guard var number = UInt64(digits: whole), number <= 100 else { return 0 }
        var unit = 1.0
        for digit in fraction.utf8.prefix(4) where digit.isASCIIDigit {
            number = number * 10 + UInt64(digit - 0x30)
            unit *= 10
        }
        return Double(number) / unit
    }
}
