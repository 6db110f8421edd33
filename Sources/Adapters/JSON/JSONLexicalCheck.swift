/// What libjson-c does not refuse by itself, found in one pass over the text before it gets there: comments, NaN and Infinity, numbers
/// out of range (it saturates them), control characters in strings, NUL in keys (it cuts the key there), and the member count of every
/// object, by which repeated keys are noticed afterwards (it keeps the last).
///
/// The grammar between the tokens (commas, colons, order) is left to libjson-c.
struct JSONLexicalCheck {
    /// An object of the text, in the order of the opening braces.
    struct ObjectShape {
        let offset: Int
        var members: Int
    }

    private enum Container {
        case array
        case object(shape: Int)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private let maximumValues: Int
    private var values = 0
    private var position = 0
    private var open: [Container] = []
    private var shapes: [ObjectShape] = []
    private var lastStringHasNUL = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
        self.bytes = bytes
        maximumDepth = limits.maximumDepth
        maximumValues = limits.maximumValues
    }

    /// Reads the whole text. The result holds one entry per object, in the order of the opening braces.
    mutating func run() throws(JSONError) -> [ObjectShape] {
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                try countValue()
                try openContainer(isObject: byte == UInt8(ascii: "{"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                try closeContainer(isObject: byte == UInt8(ascii: "}"))
            case UInt8(ascii: ":"):
                try colon()
            case UInt8(ascii: "\""):
                try countValue()
                try string()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                try countValue()
                try number()
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                try countValue()
                try word()
            default:
                throw error("unexpected character", at: position)
            }
        }
        return shapes
    }

    private func error(_ message: String, at offset: Int) -> JSONError {
        JSONError(message, at: offset, in: bytes)
    }

    private mutating func countValue() throws(JSONError) {
        values += 1
        guard values <= maximumValues else {
            throw error("more than \(maximumValues) values and keys", at: position)
        }
    }

    private mutating func openContainer(isObject: Bool) throws(JSONError) {
        guard open.count < maximumDepth else {
            throw error("nested deeper than \(maximumDepth) levels", at: position)
        }
        if isObject {
            open.append(.object(shape: shapes.count))
            shapes.append(ObjectShape(offset: position, members: 0))
        } else {
            open.append(.array)
        }
        position += 1
    }

    private mutating func closeContainer(isObject: Bool) throws(JSONError) {
        switch (open.popLast(), isObject) {
        case (.object, true), (.array, false): position += 1
        default: throw error("closing bracket without its opening one", at: position)
        }
    }

    private mutating func colon() throws(JSONError) {
        guard case .object(let shape) = open.last else { throw error("colon outside of an object", at: position) }
        guard !lastStringHasNUL else { throw error("a key holds a NUL character", at: position) }
        shapes[shape].members += 1
        position += 1
    }

    private mutating func string() throws(JSONError) {
        let start = position
        lastStringHasNUL = false
        position += 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try escape()
            case 0..<0x20:
                throw error("control character in a string", at: position)
            default:
                position += 1
            }
        }
        throw error("string without its closing quote", at: start)
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        guard position + 1 < bytes.count else { throw error("unfinished escape", at: start) }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            var value = 0
            for index in position + 2..<position + 6 {
                guard index < bytes.count, let digit = Self.hexDigit(bytes[index]) else {
                    throw error("\\u without four hexadecimal digits", at: start)
                }
                value = value << 4 | digit
            }
            if value == 0 { lastStringHasNUL = true }
            position += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        default:
            throw error("unknown escape", at: start)
        }
    }

    private mutating func word() throws(JSONError) {
        let start = position
        while position < bytes.count, Self.isLetter(bytes[position]) { position += 1 }
        let text = bytes[start..<position]
        let known: [StaticString] = ["true", "false", "null"]
        guard
            known.contains(where: {
                text.elementsEqual(UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount))
            })
        else { throw error("unknown word", at: start) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// RFC 8259 section 6, and within the range of `Int64`, `UInt64` or a finite `Double`.
    private mutating func number() throws(JSONError) {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let whole = digits()
        guard !whole.isEmpty else { throw error("number without digits", at: start) }
        guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw error("number with a leading zero", at: start)
        }
        let hasFraction = try fraction(of: start)
        let hasExponent = try exponent(of: start)
        if hasFraction || hasExponent {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let value = Double(text), value.isFinite else { throw error("number out of range", at: start) }
        } else {
            try checkWhole(whole, negative: negative, start: start)
        }
    }

    private func checkWhole(_ whole: Range<Int>, negative: Bool, start: Int) throws(JSONError) {
        // Two digits less than UInt64.max has: no overflow is possible.
        guard whole.count > 18 else { return }
        let limit: UInt64 = negative ? UInt64(Int64.max) + 1 : .max
        var value: UInt64 = 0
        for index in whole {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(bytes[index] - UInt8(ascii: "0")))
            guard !overflowed, !carried, sum <= limit else { throw error("whole number out of range", at: start) }
            value = sum
        }
    }

    private mutating func digits() -> Range<Int> {
        let start = position
        while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
            position += 1
        }
        return start..<position
    }

    private mutating func fraction(of start: Int) throws(JSONError) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return false }
        position += 1
        guard !digits().isEmpty else { throw error("number without digits behind its point", at: start) }
        return true
    }

    private mutating func exponent(of start: Int) throws(JSONError) -> Bool {
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return false }
        position += 1
        if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
            position += 1
        }
        guard !digits().isEmpty else { throw error("number without digits in its exponent", at: start) }
        return true
    }
}
