import Domain
import GRPCCore

extension RuntimeService {
    /// `annotations` are for runtimes with settings of their own, which this one has not.
    package func updateContainerResources(
        request: Runtime_V1_UpdateContainerResourcesRequest, context: ServerContext
    ) async throws -> Runtime_V1_UpdateContainerResourcesResponse {
        let id = try FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify)
        try FieldPath("").refuseWindows(request.hasWindows)
        guard request.hasLinux else { throw FieldPath("linux").invalid("is missing") }
        _ = try FieldPath("annotations").keysWithoutNUL(request.annotations)
        try await useCases.updateContainerResources(
            id, LinuxResources(change: request.linux, at: FieldPath("linux")))
        return .init()
    }
}
