import Domain
import GRPCCore

extension RuntimeService {
    package func streamContainers(
        request: Runtime_V1_StreamContainersRequest, response: RPCWriter<Runtime_V1_StreamContainersResponse>,
        context: ServerContext
    ) async throws {
        let containers = try useCases.listContainers(
            ContainerFilter(wire: request.filter).resolved(among: useCases.identify))
        try await batches.send(containers, to: response, item: \.wireListItem) { items in
            .with { $0.containers = items }
        }
    }
}
