import Domain
import GRPCCore

extension RuntimeService {
    package func streamPodSandboxStats(
        request: Runtime_V1_StreamPodSandboxStatsRequest, response: RPCWriter<Runtime_V1_StreamPodSandboxStatsResponse>,
        context: ServerContext
    ) async throws {
        let usages = try await useCases.podSandboxStats(
            PodSandboxFilter(stats: request.filter).resolved(among: useCases.identify))
        try await batches.send(usages, to: response, item: \.wire) { items in .with { $0.podSandboxStats = items } }
    }
}
