import GRPCCore

extension RuntimeService {
    package func podSandboxStats(
        request: Runtime_V1_PodSandboxStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_PodSandboxStatsResponse {
        let usage = try await useCases.podSandboxStats(
            FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID, among: useCases.identify))
        return .with { $0.stats = usage.wire }
    }
}
