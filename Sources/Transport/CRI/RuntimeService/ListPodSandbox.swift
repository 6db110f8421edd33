import Domain
import GRPCCore

extension RuntimeService {
    package func listPodSandbox(
        request: Runtime_V1_ListPodSandboxRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxResponse {
        let pods = try useCases.listPodSandboxes(
            PodSandboxFilter(wire: request.filter).resolved(among: useCases.identify))
        return .with { $0.items = pods.map(\.wireListItem) }
    }
}
