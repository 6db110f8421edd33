import Domain
import GRPCCore

extension RuntimeService {
    package func listContainers(
        request: Runtime_V1_ListContainersRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListContainersResponse {
        let containers = try useCases.listContainers(
            ContainerFilter(wire: request.filter).resolved(among: useCases.identify))
        return .with { $0.containers = containers.map(\.wireListItem) }
    }
}
