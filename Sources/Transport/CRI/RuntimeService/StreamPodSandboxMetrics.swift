import GRPCCore

extension RuntimeService {
    package func streamPodSandboxMetrics(
        request: Runtime_V1_StreamPodSandboxMetricsRequest,
        response: RPCWriter<Runtime_V1_StreamPodSandboxMetricsResponse>, context: ServerContext
    ) async throws {
        let metrics = await useCases.podSandboxMetrics()
        try await batches.send(metrics, to: response, item: \.wire) { items in .with { $0.podSandboxMetrics = items } }
    }
}
