import ByteText
import NIOCore

/// The headers of a stream: names in lower case, each once; several values of one name are separated by NUL (draft 3, section 2.6.10).
package struct SPDYHeaders: Equatable, Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// The first value of this name, whatever its case.
    package subscript(_ name: String) -> String? {
        guard let value = fields.first(where: { $0.name.isSameIgnoringCase(as: name) })?.value else { return nil }
        return value.has("\0") ? value.pieces(at: "\0").first.map(String.init) : value
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.fields.count == b.fields.count
            && zip(a.fields, b.fields).allSatisfy { $0.name.isSame(as: $1.name) && $0.value.isSame(as: $1.value) }
    }

    static let limit = 100

    /// - Returns: nil for headers that must not be so.
    /// - Throws: for a block that does not end where it says, after which nothing can be trusted.
    init?(block: [UInt8]) throws(SPDYError) {
        var buffer = ByteBuffer(bytes: block)
        guard let count = buffer.readInteger(as: UInt32.self) else { throw Self.broken }
        var isValid = count <= Self.limit
        var names: Set<ByteString> = []
        for _ in 0..<count {
            let (name, value) = (try Self.text(&buffer), try Self.text(&buffer))
            guard isValid else { continue }
            if name.isEmpty || name.utf8.contains(where: \.isASCIIUpper) { isValid = false }
            if !names.insert(ByteString(name)).inserted { isValid = false }
            fields.append((name, value))
        }
        guard buffer.readableBytes == 0 else { throw Self.broken }
        if !isValid { return nil }
    }

    private static let broken = SPDYError("a block of headers has not the length that it says")

    private static func text(_ buffer: inout ByteBuffer) throws(SPDYError) -> String {
        guard let length = buffer.readInteger(as: UInt32.self), let count = Int(exactly: length),
            let text = buffer.readString(length: count)
        else { throw broken }
        return text
    }

    var block: [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(fields.count))
        for (name, value) in fields {
            for text in [name.lowercasedASCII, value] {
                buffer.writeInteger(UInt32(text.utf8.count))
                buffer.writeString(text)
            }
        }
        return Array(buffer.readableBytesView)
    }
}
