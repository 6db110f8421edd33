import CRI
import Domain
import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import SwiftProtobuf

/// A client of our services over GRPCCore's in-process transport: everything is real but the bytes on a socket.
struct InProcessCRI: Sendable {
    let client: GRPCClient<InProcessTransport.Client>

    /// Serves `useCases` for as long as `body` runs.
    static func serve<Success: Sendable>(
        _ useCases: UseCases, batches: ListBatches = ListBatches(),
        _ body: @Sendable @escaping (InProcessCRI) async throws -> Success
    ) async throws -> Success {
        let transport = InProcessTransport()
        let services = CRIEndpoint.services(useCases, batches: batches)
        return try await withGRPCServer(
            transport: transport.server, services: services, interceptors: [CancellationInterceptor()]
        ) { _ in
            try await withGRPCClient(transport: transport.client) { client in
                try await body(InProcessCRI(client: client))
            }
        }
    }

    /// One answer.
    func call<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _: Response.Type = Response.self
    ) async throws -> Response {
        try await client.unary(
            request: ClientRequest(message: request), descriptor: method, serializer: ProtobufSerializer<Request>(),
            deserializer: ProtobufDeserializer<Response>(), options: .defaults
        ) { try $0.message }
    }

    /// All messages of a stream.
    func stream<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _: Response.Type = Response.self
    ) async throws -> [Response] {
        try await client.serverStreaming(
            request: ClientRequest(message: request), descriptor: method, serializer: ProtobufSerializer<Request>(),
            deserializer: ProtobufDeserializer<Response>(), options: .defaults
        ) { response in
            var messages: [Response] = []
            for try await message in response.messages { messages.append(message) }
            return messages
        }
    }

    /// The status code of a call with an empty request.
    func codeOfEmptyRequest(_ method: MethodDescriptor) async throws -> Status.Code {
        do {
            let _: [Runtime_V1_StopContainerResponse] = try await stream(method, Runtime_V1_StopContainerRequest())
            return .ok
        } catch let error as RPCError {
            return Status.Code(error.code)
        }
    }
}
