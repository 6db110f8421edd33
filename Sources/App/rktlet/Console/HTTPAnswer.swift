import ByteText

/// A whole answer of HTTP/1.1 as it came over a connection that was closed after it.
struct HTTPAnswer {
    let status: Int
    let body: [UInt8]

    /// - Throws: ``ConsoleError`` for what is none, or broke off.
    init(_ bytes: [UInt8]) throws {
        guard let end = Self.endOfHead(bytes) else { throw Self.brokeOff }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).pieces(atText: "\r\n")
        guard let words = lines.first?.words(at: " "), words.count > 1, words[0].begins(with: "HTTP/1."),
            let status = Int(digits: words[1])
        else { throw ConsoleError("what answers is no gateway") }
        self.status = status
        let isChunked = lines.contains { $0.words(at: " ").joined().lowercasedASCII == "transfer-encoding:chunked" }
        body = isChunked ? try Self.joined(bytes[(end + 4)...]) : Array(bytes[(end + 4)...])
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let end = Array("\r\n\r\n".utf8)
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(end) }
    }

    /// Of chunks: a length in hexadecimal digits, a line's end, as many bytes, a line's end; the last is empty.
    private static func joined(_ chunks: ArraySlice<UInt8>) throws -> [UInt8] {
        var (body, rest): ([UInt8], ArraySlice<UInt8>) = ([], chunks)
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\r")),
            let length = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16), length >= 0
        {
            if length == 0 { return body }
            guard rest.endIndex - lineEnd - 4 >= length else { break }
            body += rest[(lineEnd + 2)..<(lineEnd + 2 + length)]
            rest = rest[(lineEnd + 4 + length)...]
        }
        throw brokeOff
    }

    private static var brokeOff: ConsoleError { ConsoleError("the gateway's answer broke off", mayPass: true) }
}
