import Domain
import GRPCCore

extension RuntimeService {
    package func listPodSandbox(
        request: Runtime_V1_ListPodSandboxRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxResponse {
        let pods = useCases.listPodSandboxes(try PodSandboxFilter(wire: request.filter))
        return .with { $0.items = pods.map(\.wireListItem) }
    }
}
