extension StringProtocol {
    /// What may be written to a person's terminal, as one word or line: a blank in place of tabs and line ends, and `?` of everything else that a
    /// terminal acts on instead of showing it.
    ///
    /// That is C0, DEL and C1 (ECMA-48; U+009B begins a sequence as ESC [ does), and what turns the direction of a line (Unicode's bidirectional
    /// controls) or ends it.
    package var forTerminal: String { shown { $0 == 0x09 || $0 == 0x0a || $0 == 0x0d ? " " : "?" } }

    /// The same of several lines: their ends, and tabs, stay.
    package var linesForTerminal: String { shown { $0 == 0x09 ? "\t" : $0 == 0x0a ? "\n" : "?" } }

    private func shown(_ substitute: (UInt32) -> Unicode.Scalar) -> String {
        guard unicodeScalars.contains(where: { $0.value.isTerminalControl }) else { return String(self) }
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            scalars.append(scalar.value.isTerminalControl ? substitute(scalar.value) : scalar)
        }
        return String(scalars)
    }
}

extension UInt32 {
    fileprivate var isTerminalControl: Bool {
        switch self {
        case ..<0x20, 0x7f..<0xa0: true
        // Arabic letter mark, left-to-right and right-to-left marks; line and paragraph separators; embeddings and overrides; isolates.
        case 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
