import GRPCCore

extension RuntimeService {
    package func removeContainer(
        request: Runtime_V1_RemoveContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_RemoveContainerResponse {
        guard let id = try FieldPath("container_id").containerID(request.containerID, among: useCases.identify) else {
            return .init()
        }
        try await useCases.removeContainer(id)
        return .init()
    }
}
