import Domain
import GRPCCore

extension RuntimeService {
    package func updatePodSandboxResources(
        request: Runtime_V1_UpdatePodSandboxResourcesRequest, context: ServerContext
    ) async throws -> Runtime_V1_UpdatePodSandboxResourcesResponse {
        let id = try FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID, among: useCases.identify)
        try await useCases.updatePodSandboxResources(
            id, resources: LinuxResources(wire: request.resources, at: FieldPath("resources")),
            overhead: LinuxResources(wire: request.overhead, at: FieldPath("overhead")))
        return .init()
    }
}
