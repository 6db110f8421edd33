import GRPCCore

/// The service `interop.Echo`, whose messages are plain bytes.
struct EchoService: RegistrableRPCService {
    static let name = "interop.Echo"

    let ledger: CallLedger

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        register("Unary", .unary, &router) { request, _ in
            let message = try await Self.single(request)
            return StreamingServerResponse(single: ServerResponse(message: message))
        }
        register("Metadata", .unary, &router) { request, _ in
            _ = try await Self.single(request)
            let echoed = Metadata(request.metadata.filter { $0.key.hasPrefix("x-") })
            return StreamingServerResponse(
                single: ServerResponse(message: [], metadata: echoed, trailingMetadata: echoed)
            )
        }
        register("Fail", .unary, &router) { request, _ in throw try Self.failure(await Self.single(request)) }
        register("Hold", .unary, &router) { request, context in
            let name = String(decoding: try await Self.single(request), as: UTF8.self)
            return StreamingServerResponse(single: ServerResponse(message: try await hold(name, context)))
        }
        register("Stream", .serverStreaming, &router) { request, _ in
            try Self.stream(await Self.single(request), ledger)
        }
        register("Collect", .clientStreaming, &router) { request, _ in
            var (messages, bytes) = (0, 0)
            for try await message in request.messages {
                messages += 1
                bytes += message.count
            }
            return StreamingServerResponse(single: ServerResponse(message: Array("\(messages) \(bytes)".utf8)))
        }
        register("Chat", .bidirectionalStreaming, &router) { request, _ in
            StreamingServerResponse { writer in
                for try await message in request.messages { try await writer.write(message) }
                return [:]
            }
        }
        register("Unread", .clientStreaming, &router) { _, context in
            _ = try await hold("unread", context)
            return StreamingServerResponse(single: ServerResponse(message: []))
        }
    }

    private func register<Transport: ServerTransport>(
        _ method: String,
        _ type: MethodDescriptor.RPCType,
        _ router: inout RPCRouter<Transport>,
        _ handler:
            @Sendable @escaping (StreamingServerRequest<[UInt8]>, ServerContext) async throws ->
            StreamingServerResponse<[UInt8]>
    ) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: Self.name, method: method, type: type),
            deserializer: RawDeserializer(),
            serializer: RawSerializer(),
            handler: handler
        )
    }

    private static func single(_ request: StreamingServerRequest<[UInt8]>) async throws -> [UInt8] {
        try await ServerRequest(stream: request).message
    }

    /// Holds until it is released; a cancelled call fails as a handler's would that knows no better.
    private func hold(_ name: String, _ context: ServerContext) async throws -> [UInt8] {
        let ending = await withRPCCancellationHandler {
            await ledger.hold(name)
        } onCancelRPC: {
            ledger.end(name, .cancelled)
        }
        if ending == .cancelled { throw CancellationError() }
        return Array(ending.rawValue.utf8)
    }

    /// "CODE message".
    private static func failure(_ request: [UInt8]) throws -> RPCError {
        let words = String(decoding: request, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
        let status = Status.Code(rawValue: words.first.flatMap { Int($0) } ?? -1)
        guard let status, let code = RPCError.Code(status) else {
            return RPCError(code: .invalidArgument, message: "not a status code")
        }
        return RPCError(code: code, message: words.count > 1 ? words[1] : "", metadata: ["x-why": "asked for"])
    }

    /// "COUNT SIZE [NAME]": so many messages of so many bytes; the ledger hears of a NAME when it is over.
    private static func stream(_ request: [UInt8], _ ledger: CallLedger) throws -> StreamingServerResponse<[UInt8]> {
        let words = String(decoding: request, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count >= 2, let count = Int(words[0]), let size = Int(words[1]) else {
            throw RPCError(code: .invalidArgument, message: "expected COUNT SIZE [NAME]")
        }
        return StreamingServerResponse { writer in
            let message = [UInt8](repeating: 0x78, count: size)
            do {
                for _ in 0..<count { try await writer.write(message) }
            } catch {
                if words.count > 2 { ledger.end(words[2], .cancelled) }
                throw error
            }
            if words.count > 2 { ledger.end(words[2], .released) }
            return ["x-sent": "\(count)"]
        }
    }
}
