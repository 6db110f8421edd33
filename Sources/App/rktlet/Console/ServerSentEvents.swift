import ByteText

/// The data of server-sent events, out of the bytes of an answer of HTTP/1.1 as they come.
struct ServerSentEvents {
    private enum Place {
        case head
        /// Of a chunk: its length in hexadecimal digits and a line's end.
        case chunkLength
        /// So many bytes of a chunk are to come, with the line's end behind it.
        case chunk(Int)
        case end
    }

    private static let longestHead = 65_536
    private static let longestLine = 1 << 20

    private var place = Place.head
    private var rest: [UInt8] = []
    private var line: [UInt8] = []
    private(set) var status = 0
    /// The answer is over.
    var isAtEnd: Bool { if case .end = place { true } else { false } }

    /// Takes what came.
    ///
    /// - Returns: the text after `data: ` of each event that is whole.
    /// - Throws: ``ConsoleError`` for what is no such answer.
    mutating func take(_ bytes: some Sequence<UInt8>) throws -> [[UInt8]] {
        rest += bytes
        var data: [[UInt8]] = []
        while true {
            switch place {
            case .head: guard try takeHead() else { return data }
            case .chunkLength: guard try takeLength() else { return data }
            case .chunk(let length):
                // The line's end that follows is 2 bytes.
                guard rest.count >= length + 2 else { return data }
                for byte in rest[..<length] { try take(byte, &data) }
                rest.removeFirst(length + 2)
                place = .chunkLength
            case .end: return data
            }
        }
    }

    private mutating func takeHead() throws -> Bool {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = rest.indices.first(where: { rest[$0...].starts(with: blank) }) else {
            guard rest.count < Self.longestHead else { throw ConsoleError("what answers is no gateway") }
            return false
        }
        let words = String(decoding: rest[..<end], as: UTF8.self).words(at: " ", maxWords: 3)
        guard words.count > 1, words[0].begins(with: "HTTP/1."), let status = Int(digits: words[1]) else {
            throw ConsoleError("what answers is no gateway")
        }
        self.status = status
        rest.removeFirst(end + 4)
        place = .chunkLength
        return true
    }

    private mutating func takeLength() throws -> Bool {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        let digits = String(decoding: rest[..<end], as: UTF8.self).trimmed
        guard let length = Int(String(digits), radix: 16), (0...Self.longestLine * 16).contains(length) else {
            throw ConsoleError("the gateway's answer broke off", mayPass: true)
        }
        rest.removeFirst(end + 1)
        place = length == 0 ? .end : .chunk(length)
        return true
    }

    private mutating func take(_ byte: UInt8, _ data: inout [[UInt8]]) throws {
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            guard line.count <= Self.longestLine else { throw ConsoleError("the gateway's answer is too long") }
            return
        }
        let field = Array("data: ".utf8)
        if line.starts(with: field) { data.append(Array(line[field.count...])) }
        line = []
    }
}
