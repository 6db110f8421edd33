import Domain
import GRPCCore

extension RuntimeService {
    package func listPodSandboxStats(
        request: Runtime_V1_ListPodSandboxStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxStatsResponse {
        let usages = try await useCases.podSandboxStats(
            PodSandboxFilter(stats: request.filter).resolved(among: useCases.identify))
        return .with { $0.stats = usages.map(\.wire) }
    }
}
