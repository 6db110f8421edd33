import Domain
import GRPCCore

extension RuntimeService {
    package func streamContainerStats(
        request: Runtime_V1_StreamContainerStatsRequest, response: RPCWriter<Runtime_V1_StreamContainerStatsResponse>,
        context: ServerContext
    ) async throws {
        let usages = try await useCases.containerStats(
            ContainerFilter(stats: request.filter).resolved(among: useCases.identify))
        try await batches.send(usages, to: response, item: \.wire) { items in .with { $0.containerStats = items } }
    }
}
