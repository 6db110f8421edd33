import GRPCCore

extension RuntimeService {
    package func startContainer(
        request: Runtime_V1_StartContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_StartContainerResponse {
        try await useCases.startContainer(
            FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify))
        return .init()
    }
}
