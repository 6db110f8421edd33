/// The path of a request must be what it seems to be: no other form of a path that a check may have passed leads anywhere.
enum RequestTarget {
    /// Every parameter of the document at its longest, escaped.
    private static let longest = 16_384

    /// - Parameter target: as it was sent: path and query.
    static func check(_ target: String) throws(Problem) {
        let bytes = Array(target.utf8)
        guard bytes.count <= longest else {
            throw Problem(.uriTooLong, code: "uriTooLong", "the path and query have more than \(longest) bytes")
        }
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(UInt8(ascii: "#")) else {
            throw refusal("it must begin with /, without a host before it")
        }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refusal("it has what must be escaped, such as %20")
        }
        let raw = bytes.prefix { $0 != UInt8(ascii: "?") }[1...]
        guard !raw.isEmpty else { return }
        for segment in raw.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !segment.isEmpty else { throw refusal("it has an empty segment") }
            guard let decoded = PercentText.decode(String(decoding: segment, as: UTF8.self)[...])?.utf8 else {
                throw refusal("it has a bad escape")
            }
            guard !decoded.elementsEqual(".".utf8), !decoded.elementsEqual("..".utf8) else {
                throw refusal("it has dots for directories")
            }
            guard decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else {
                throw refusal("it has a control character or a backslash")
            }
        }
    }

    private static func refusal(_ why: String) -> Problem {
        Problem(.badRequest, code: "badPath", "the path is refused: \(why)")
    }
}
