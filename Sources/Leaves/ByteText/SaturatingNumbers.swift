/// Numbers that an image, a peer, a kernel file or another program said: their sums and products end at the type's ends. `+` would end the
/// program, `&+` would begin again at zero, and a size that is too large to be told is best told as the largest there is.
extension FixedWidthInteger {
    package func addingSaturating(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }

    package func subtractingSaturating(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard overflow else { return difference }
        return other < 0 ? .max : .min
    }

    package func multipliedSaturating(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        guard overflow else { return product }
        return (self < 0) == (other < 0) ? .max : .min
    }

    /// The number that a double is nearest to; 0 for what is no number. `Int(_:)` ends the program for one that does not fit.
    package init(saturating number: Double) {
        if number.isNaN {
            self = 0
        } else if let exact = Self(exactly: number.rounded(.towardZero)) {
            self = exact
        } else {
            self = number < 0 ? .min : .max
        }
    }
}

extension Sequence where Element: FixedWidthInteger {
    package var saturatingSum: Element { reduce(0) { $0.addingSaturating($1) } }
}
