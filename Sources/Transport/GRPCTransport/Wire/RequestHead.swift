import ByteText
import GRPCCore
import HTTP2

/// A request's header section, understood: "Requests" in gRPC's PROTOCOL-HTTP2.
struct RequestHead {
    let method: MethodDescriptor
    let metadata: Metadata
    /// In nanoseconds; nil: as long as it likes.
    let timeout: Int64?
    let encoding: MessageEncoding

    /// - Parameter methods: the methods that are known, by path; others are taken apart, for the router to refuse.
    init(_ headers: RequestHeaders, methods: [String: MethodDescriptor]) throws(Rejection) {
        guard !headers.isTooLarge else {
            throw Rejection(httpStatus: 431, .resourceExhausted, "the request's header list is too large")
        }
        let fields = headers.fields
        try Self.checkProtocol(fields)
        method = try Self.method(fields.value(of: ":path") ?? "", methods: methods)
        encoding = try Self.encoding(fields.value(of: "grpc-encoding"))
        (metadata, timeout) = try Self.metadata(fields)
    }

    private static func checkProtocol(_ fields: [HeaderField]) throws(Rejection) {
        let method = fields.value(of: ":method") ?? ""
        guard method == "POST" else {
            throw Rejection(
                httpStatus: 405, .internalError, "HTTP method \(method): gRPC uses POST",
                extra: [HeaderField("allow", "POST")]
            )
        }
        let contentType = fields.value(of: "content-type") ?? ""
        guard isGRPC(contentType) else {
            throw Rejection(httpStatus: 415, .invalidArgument, "content-type '\(contentType)' is not application/grpc")
        }
        guard fields.value(of: "te") == "trailers" else {
            throw Rejection(.invalidArgument, "header te must be 'trailers': a proxy on the way may not support gRPC")
        }
    }

    private static func isGRPC(_ contentType: String) -> Bool {
        let value = contentType.lowercasedASCII
        guard let rest = value.without(prefix: "application/grpc") else { return false }
        return rest.isEmpty || rest.begins(with: "+") || rest.begins(with: ";")
    }

    private static func method(_ path: String, methods: [String: MethodDescriptor]) throws(Rejection)
        -> MethodDescriptor
    {
        if let known = methods[path] { return known }
        let parts = path.pieces(at: "/")
        guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            throw Rejection(.unimplemented, "path '\(path)' is not of the form /service/method")
        }
        return MethodDescriptor(fullyQualifiedService: String(parts[1]), method: String(parts[2]))
    }

    private static func encoding(_ name: String?) throws(Rejection) -> MessageEncoding {
        guard let name else { return .identity }
        guard let encoding = MessageEncoding(rawValue: name) else {
            throw Rejection(
                .unimplemented,
                "grpc-encoding '\(name)' is not supported; supported are \(MessageEncoding.accepted)",
                extra: [HeaderField("grpc-accept-encoding", MessageEncoding.accepted)]
            )
        }
        return encoding
    }

    /// Everything that is not the transport's own business.
    private static func metadata(_ fields: [HeaderField]) throws(Rejection) -> (Metadata, timeout: Int64?) {
        var metadata = Metadata()
        var timeout: Int64?
        metadata.reserveCapacity(fields.count)
        for field in fields {
            switch field.name {
            case "te", "content-type", "grpc-encoding", "grpc-accept-encoding", GRPCTimeout.metadataKey:
                continue
            case "grpc-timeout":
                guard let nanoseconds = GRPCTimeout.nanoseconds(field.value) else {
                    throw Rejection(.invalidArgument, "grpc-timeout '\(field.value)' is malformed")
                }
                timeout = min(timeout ?? .max, nanoseconds)
                metadata.addString(field.value, forKey: GRPCTimeout.metadataKey)
            case let name where name.begins(with: ":"):
                continue
            case let name where name.ends(with: "-bin"):
                try addBinary(field, to: &metadata)
            default:
                metadata.addString(field.value, forKey: field.name)
            }
        }
        return (metadata, timeout)
    }

    private static func addBinary(_ field: HeaderField, to metadata: inout Metadata) throws(Rejection) {
        for part in field.value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let trimmed = part.drop { $0 == UInt8(ascii: " ") }.reversed().drop { $0 == UInt8(ascii: " ") }.reversed()
            guard let bytes = Base64.decode(Array(trimmed)) else {
                throw Rejection(.invalidArgument, "metadata '\(field.name)' is not base64")
            }
            metadata.addBinary(bytes, forKey: field.name)
        }
    }
}

extension [HeaderField] {
    fileprivate func value(of name: String) -> String? {
        first { $0.name.isSame(as: name) }?.value
    }
}
