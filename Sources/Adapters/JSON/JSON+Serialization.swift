import ByteText

extension JSON {
    /// The value as JSON text: keys sorted, so that equal values are equal text; `/` is not escaped; two blanks per level when `pretty`.
    ///
    /// Written here and not by libjson-c: its keys end at a NUL, its doubles come with seventeen digits, and it sorts nothing. A double
    /// that JSON cannot carry (infinite, not a number) is written as `null`.
    package func serialized(pretty: Bool = false) -> String {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self, level: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

private struct JSONWriter {
    private let pretty: Bool
    private(set) var bytes: [UInt8] = []

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSON, level: Int) {
        switch value {
        case .null: add("null")
        case .bool(let value): add(value ? "true" : "false")
        case .integer(let value): add(String(value))
        case .unsigned(let value): add(String(value))
        case .double(let value): add(value.isFinite ? String(value) : "null")
        case .string(let value): write(string: value)
        case .array(let elements): write(elements, level: level)
        case .object(let members): write(members, level: level)
        }
    }

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ elements: [JSON], level: Int) {
        add("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { add(",") }
            newLine(level + 1)
            write(element, level: level + 1)
        }
        if !elements.isEmpty { newLine(level) }
        add("]")
    }

    private mutating func write(_ members: [String: JSON], level: Int) {
        add("{")
        for (index, member) in members.sorted(by: { $0.key.precedes($1.key) }).enumerated() {
            if index > 0 { add(",") }
            newLine(level + 1)
            write(string: member.key)
            add(pretty ? ": " : ":")
            write(member.value, level: level + 1)
        }
        if !members.isEmpty { newLine(level) }
        add("}")
    }

    private mutating func newLine(_ level: Int) {
        guard pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    private mutating func write(string: String) { JSONStringText.append(string, to: &bytes) }
}
