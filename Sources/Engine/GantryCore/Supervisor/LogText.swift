import ByteText

/// Words of others in a line of the journal: short, and without what a terminal would take for orders.
package enum LogText {
    private static let longest = 200

    /// The words of a command with blanks between them, as much of it as a line has room for.
    static func line(_ words: some Sequence<String>) -> String {
        var text = ""
        for word in words {
            if !text.isEmpty { text += " " }
            text += word.shortened(to: longest)
            if text.utf8.count > longest { break }
        }
        return text
    }

    static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// A message that has quotes of its own.
    static func plain(_ text: String) -> String { escaped(text, quotes: false) }

    /// A text of more than one line in one, with a blank for what a terminal would take for orders.
    package static func visible(_ text: String) -> String {
        var visible = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { visible.append(scalar.isInvisible ? " " : scalar) }
        return String(visible)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars {
            if quoted.utf8.count >= longest {
                quoted += "…"
                break
            }
            switch scalar {
            case "\"" where quotes, "\\" where quotes: quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case _ where scalar.isInvisible: quoted += "?"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted
    }

    /// Of nanoseconds.
    static func seconds(_ duration: Int64) -> String {
        let (whole, tenths) = (duration / 1_000_000_000, duration % 1_000_000_000 / 100_000_000)
        return tenths == 0 ? "\(whole) s" : "\(whole).\(tenths) s"
    }
}

extension Unicode.Scalar {
    /// Controls, line ends, and marks that change the direction of what follows.
    fileprivate var isInvisible: Bool {
        switch value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }
}
