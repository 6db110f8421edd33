import ByteText
import Hummingbird

/// The path of a request must be what it seems to be: no other form of a path that a check may have passed leads anywhere.
enum RequestTarget {
    private static let longest = 4096

    /// - Parameter target: as it was sent: path and query.
    static func check(_ target: String) throws(Problem) {
        guard target.utf8.count <= longest else {
            throw Problem(.uriTooLong, code: "uriTooLong", "the path and query have more than \(longest) bytes")
        }
        let path = target.upTo("?")
        guard let rest = path.without(prefix: "/"), !target.has("#") else { throw refusal("it must begin with /") }
        guard path != "/" else { return }
        for segment in rest.pieces(at: "/") {
            guard !segment.isEmpty else { throw refusal("it has an empty segment") }
            guard let decoded = PercentText.decode(segment) else { throw refusal("it has a bad escape") }
            guard decoded != ".", decoded != ".." else { throw refusal("it has dots for directories") }
            guard decoded.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else {
                throw refusal("it has a control character or a backslash")
            }
        }
    }

    private static func refusal(_ why: String) -> Problem {
        Problem(.badRequest, code: "badPath", "the path is refused: \(why)")
    }
}
