import GRPCCore

extension RuntimeService {
    package func checkpointContainer(
        request: Runtime_V1_CheckpointContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_CheckpointContainerResponse {
        let id = try FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify)
        let location = try FieldPath("location").absolutePath(request.location)
        let timeout = try FieldPath("timeout").seconds(request.timeout)
        try await useCases.checkpointContainer(id, to: location, timeout: timeout == .zero ? nil : timeout)
        return .init()
    }
}
