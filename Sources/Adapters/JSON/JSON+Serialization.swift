extension JSON {
    /// The value as JSON text: keys sorted, so that equal values are equal text; `/` is not escaped; two blanks per level when `pretty`.
    ///
    /// Written here and not by libjson-c: its keys end at a NUL, its doubles come with seventeen digits, and it sorts nothing. A double
    /// that JSON cannot carry (infinite, not a number) is written as `null`.
    package func serialized(pretty: Bool = false) -> String {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self, level: 0)
        return writer.text
    }
}

private struct JSONWriter {
    let pretty: Bool
    var text = ""

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .double(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): write(string: value)
        case .array(let elements): write(elements, level: level)
        case .object(let members): write(members, level: level)
        }
    }

    private mutating func write(_ elements: [JSON], level: Int) {
        text += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            newLine(level + 1)
            write(element, level: level + 1)
        }
        if !elements.isEmpty { newLine(level) }
        text += "]"
    }

    private mutating func write(_ members: [String: JSON], level: Int) {
        text += "{"
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { text += "," }
            newLine(level + 1)
            write(string: member.key)
            text += pretty ? ": " : ":"
            write(member.value, level: level + 1)
        }
        if !members.isEmpty { newLine(level) }
        text += "}"
    }

    private mutating func newLine(_ level: Int) {
        guard pretty else { return }
        text += "\n"
        text += String(repeating: "  ", count: level)
    }

    private mutating func write(string: String) {
        text += "\""
        let plain = string.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if plain {
            text += string
        } else {
            for scalar in string.unicodeScalars { write(scalar: scalar) }
        }
        text += "\""
    }

    private mutating func write(scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\u{0}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
}
