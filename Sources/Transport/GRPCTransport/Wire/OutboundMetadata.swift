import ByteText
import GRPCCore
import HTTP2

/// Metadata of ours as header fields.
enum OutboundMetadata {
    /// Throws when a key or value cannot be sent: one bad field would end the client's whole connection.
    static func fields(_ metadata: Metadata) throws(RPCError) -> [HeaderField] {
        var fields: [HeaderField] = []
        fields.reserveCapacity(metadata.count)
        for (key, value) in metadata {
            let name = key.lowercasedASCII
            guard isAllowed(name) else {
                throw RPCError(code: .internalError, message: "response metadata key '\(key)' is not allowed")
            }
            switch value {
            case .string(let text):
                guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                    throw RPCError(
                        code: .internalError,
                        message: "response metadata '\(key)' has a value that is not printable ASCII"
                    )
                }
                fields.append(HeaderField(name, text))
            case .binary(let bytes):
                fields.append(HeaderField(name, Base64.encode(bytes)))
            }
        }
        return fields
    }

    /// "Header-Name" of PROTOCOL-HTTP2, less the names that are the protocol's own.
    private static func isAllowed(_ name: String) -> Bool {
        guard !name.isEmpty, !reserved.contains(name) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default:
                false
            }
        }
    }

    private static let reserved: Set<String> = [
        "content-type", "te", "connection", "keep-alive", "transfer-encoding", "upgrade", "grpc-status", "grpc-message",
        "grpc-encoding",
    ]
}
