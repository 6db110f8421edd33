/// The elements of an array, read one after the other: a list of thousands is never there as a whole, but for its text. As strict as
/// `JSON.init(parsing:)` is.
package struct JSONElements {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0
    private var count = 0
    private var isOver = false

    /// - Parameter limits: of the whole text's size; else of each element.
    package init(of bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        self.bytes = bytes
        self.limits = limits
        guard bytes.count <= limits.maximumSize else { throw error("longer than \(limits.maximumSize) bytes", at: 0) }
        skipSpace()
        guard byte == UInt8(ascii: "[") else { throw error("no array", at: position) }
        position += 1
    }

    /// The next element; nil behind the last one, when nothing but white space follows the array.
    package mutating func next() throws(JSONError) -> JSON? {
        guard !isOver else { return nil }
        skipSpace()
        if byte == UInt8(ascii: "]"), count == 0 { return try end() }
        let start = position
        skipValue()
        let element = try element(start..<position)
        count += 1
        switch byte {
        case UInt8(ascii: ","):
            position += 1
            return element
        case UInt8(ascii: "]"):
            _ = try end()
            return element
        default: throw error("array without its closing bracket", at: position)
        }
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: String, at offset: Int) -> JSONError {
        bytes.withUnsafeBufferPointer { JSONError(message, at: offset, in: $0) }
    }

    private func element(_ place: Range<Int>) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { all in
            Result { () throws(JSONError) in
                try JSON(parsing: UnsafeRawBufferPointer(rebasing: all[place]), limits: limits)
            }
        }
        do throws(JSONError) { return try result.get() } catch {
            throw self.error("element \(count + 1), \(error)", at: place.lowerBound)
        }
    }

    private mutating func end() throws(JSONError) -> JSON? {
        position += 1
        skipSpace()
        guard position == bytes.count else { throw error("something follows the value", at: position) }
        isOver = true
        return nil
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// To the comma or bracket that ends the element. Whether it is a value is for who reads it.
    private mutating func skipValue() {
        var depth = 0
        while let byte {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0: return
            default: break
            }
            position += 1
        }
        position = min(position, bytes.count)
    }

    /// To its closing quote.
    private mutating func skipString() {
        position += 1
        while let byte, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
    }
}
