import GRPCCore

/// RPCs about addresses of streams: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func exec(
        request: Runtime_V1_ExecRequest, context: ServerContext
    ) async throws -> Runtime_V1_ExecResponse {
        throw RPCError.notServed("Exec")
    }

    package func attach(
        request: Runtime_V1_AttachRequest, context: ServerContext
    ) async throws -> Runtime_V1_AttachResponse {
        throw RPCError.notServed("Attach")
    }

    package func portForward(
        request: Runtime_V1_PortForwardRequest, context: ServerContext
    ) async throws -> Runtime_V1_PortForwardResponse {
        throw RPCError.notServed("PortForward")
    }
}
