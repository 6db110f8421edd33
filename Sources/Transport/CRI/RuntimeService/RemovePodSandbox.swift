import GRPCCore

extension RuntimeService {
    package func removePodSandbox(
        request: Runtime_V1_RemovePodSandboxRequest, context: ServerContext
    ) async throws -> Runtime_V1_RemovePodSandboxResponse {
        guard let id = try FieldPath("pod_sandbox_id").podID(request.podSandboxID, among: useCases.identify) else {
            return .init()
        }
        try await useCases.removePodSandbox(id)
        return .init()
    }
}
