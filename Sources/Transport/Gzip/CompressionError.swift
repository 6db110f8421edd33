/// Why compressed data could not be read or written.
package enum CompressionError: Error, Hashable, CustomStringConvertible {
    /// The data is not what its format says, or has something after its end.
    case malformed(String)
    /// The data ends before its end mark.
    case truncated
    /// The data grows to more than the limit, in bytes.
    case tooLarge(limit: Int)
    /// zlib could not work: no memory, most likely.
    case unavailable(code: Int)

    package var description: String {
        switch self {
        case .malformed(let reason): "the compressed data is malformed: \(reason)"
        case .truncated: "the compressed data ends too early"
        case .tooLarge(let limit): "the compressed data grows to more than \(limit) bytes"
        case .unavailable(let code): "zlib failed with code \(code)"
        }
    }
}
