import GRPCCore

extension RuntimeService {
    package func stopContainer(
        request: Runtime_V1_StopContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_StopContainerResponse {
        let grace = try FieldPath("timeout").seconds(request.timeout)
        guard let id = try FieldPath("container_id").containerID(request.containerID, among: useCases.identify) else {
            return .init()
        }
        try await useCases.stopContainer(id, grace: grace)
        return .init()
    }
}
