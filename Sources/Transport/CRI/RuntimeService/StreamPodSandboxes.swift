import Domain
import GRPCCore

extension RuntimeService {
    package func streamPodSandboxes(
        request: Runtime_V1_StreamPodSandboxesRequest, response: RPCWriter<Runtime_V1_StreamPodSandboxesResponse>,
        context: ServerContext
    ) async throws {
        let pods = try useCases.listPodSandboxes(
            PodSandboxFilter(wire: request.filter).resolved(among: useCases.identify))
        try await batches.send(pods, to: response, item: \.wireListItem) { items in .with { $0.podSandboxes = items } }
    }
}
