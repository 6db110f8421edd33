import CallRecords
import Domain
import GRPCCore

extension RuntimeService {
    /// The pod's own config is the one it was made with; the copy in the request is not needed.
    package func createContainer(
        request: Runtime_V1_CreateContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_CreateContainerResponse {
        let pod = try FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID, among: useCases.identify)
        guard request.hasConfig else { throw FieldPath("config").invalid("is missing") }
        let id = try await useCases.createContainer(try ContainerConfig(wire: request.config), in: pod)
        RecordedCall.current?.about(id.rawValue)
        RecordedCall.current?.concerns(container: id.rawValue)
        return .with { $0.containerID = id.rawValue }
    }
}
