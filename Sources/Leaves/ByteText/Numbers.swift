extension FixedWidthInteger {
    /// The number that the text is: ASCII digits and nothing else, neither sign nor blank; nil also if it does not fit. `Int(_:)` takes a `+`.
    package init?(digits text: some StringProtocol) {
        guard text.utf8.first != nil else { return nil }
        var value: Self = 0
        for byte in text.utf8 {
            guard byte.isASCIIDigit, let digit = Self(exactly: byte - 0x30) else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = product.addingReportingOverflow(digit)
            guard !isTooLarge, !isOver else { return nil }
            value = sum
        }
        self = value
    }

    /// As ``init(digits:)``, with or without a minus before it; nil if it does not fit.
    package init?(decimal text: some StringProtocol) {
        guard let rest = text.without(prefix: "-") else {
            self.init(digits: text)
            return
        }
        // Parsed by the standard library, which knows the lowest number too; the first byte behind the minus may not be a sign.
        guard rest.utf8.first?.isASCIIDigit == true else { return nil }
        self.init(String(text), radix: 10)
    }
}

extension StringProtocol {
    /// The runs of ASCII digits in it, as of `6.1.0-40-amd64`.
    package var digitRuns: [Substring] { Substring(self).utf8.split { !$0.isASCIIDigit }.map(Substring.init) }

    /// One byte or more, all of them ASCII digits.
    package var isDigits: Bool { !isEmpty && utf8.allSatisfy(\.isASCIIDigit) }

    /// One byte or more, all of them digits or `a` to `f`.
    package var isLowerHex: Bool { !isEmpty && utf8.allSatisfy(\.isLowerHex) }
}
