import Domain
import GRPCCore

extension RuntimeService {
    package func listContainers(
        request: Runtime_V1_ListContainersRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListContainersResponse {
        let containers = useCases.listContainers(try ContainerFilter(wire: request.filter))
        return .with { $0.containers = containers.map(\.wireListItem) }
    }
}
