import GRPCCore

extension RuntimeService {
    package func listPodSandboxMetrics(
        request: Runtime_V1_ListPodSandboxMetricsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxMetricsResponse {
        let metrics = await useCases.podSandboxMetrics()
        return .with { $0.podMetrics = metrics.map(\.wire) }
    }
}
