import GRPCCore

extension RuntimeService {
    package func stopPodSandbox(
        request: Runtime_V1_StopPodSandboxRequest, context: ServerContext
    ) async throws -> Runtime_V1_StopPodSandboxResponse {
        guard let id = try FieldPath("pod_sandbox_id").podID(request.podSandboxID, among: useCases.identify) else {
            return .init()
        }
        try await useCases.stopPodSandbox(id)
        return .init()
    }
}
