import GRPCCore
import Gzip

/// How the messages of a request are compressed (`grpc-encoding`).
enum MessageEncoding: String, CaseIterable, Sendable {
    case identity
    case gzip
    case deflate

    /// The value of `grpc-accept-encoding`.
    static let accepted = allCases.map(\.rawValue).joined(separator: ",")

    /// Decompresses one message to at most `limit` bytes.
    func decode(_ bytes: [UInt8], limit: Int) throws(RPCError) -> [UInt8] {
        let format: CompressionFormat
        switch self {
        case .identity:
            throw RPCError(
                code: .internalError,
                message: "request message has its compressed flag set, but the request has no grpc-encoding"
            )
        case .gzip: format = .gzip
        case .deflate: format = .zlib
        }
        do throws(CompressionError) {
            return try format.decompress(bytes, limit: limit)
        } catch .tooLarge {
            throw RPCError(
                code: .resourceExhausted,
                message: "request message is larger than the limit of \(limit) bytes once decompressed from \(rawValue)"
            )
        } catch {
            throw RPCError(code: .internalError, message: "request message in \(rawValue): \(error)")
        }
    }
}
