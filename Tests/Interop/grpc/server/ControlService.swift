import GRPCCore
import GRPCTransport

/// The service `interop.Control`: how a test looks inside the server.
struct ControlService: RegistrableRPCService {
    static let name = "interop.Control"

    let ledger: CallLedger
    let activity: @Sendable () -> TransportActivity

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        register("Activity", &router) { _ in
            let activity = activity()
            return "\(activity.connections) \(activity.streams) \(activity.runningRPCs)"
        }
        register("Release", &router) { name in
            ledger.end(name, .released)
            return ""
        }
        register("WaitFor", &router) { event in
            await withRPCCancellationHandler {
                await ledger.wait(for: event)
            } onCancelRPC: {
                ledger.stopWaiting(for: event)
            }
            return ""
        }
    }

    private func register<Transport: ServerTransport>(
        _ method: String,
        _ router: inout RPCRouter<Transport>,
        _ answer: @Sendable @escaping (String) async -> String
    ) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: Self.name, method: method, type: .unary),
            deserializer: RawDeserializer(),
            serializer: RawSerializer()
        ) { request, _ in
            let message = try await ServerRequest(stream: request).message
            let reply = await answer(String(decoding: message, as: UTF8.self))
            return StreamingServerResponse(single: ServerResponse(message: Array(reply.utf8)))
        }
    }
}
