import Domain
import GRPCCore

extension RuntimeService {
    package func listContainerStats(
        request: Runtime_V1_ListContainerStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListContainerStatsResponse {
        let usages = try await useCases.containerStats(
            ContainerFilter(stats: request.filter).resolved(among: useCases.identify))
        return .with { $0.stats = usages.map(\.wire) }
    }
}
