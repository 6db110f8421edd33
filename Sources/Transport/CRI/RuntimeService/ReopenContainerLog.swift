import GRPCCore

extension RuntimeService {
    package func reopenContainerLog(
        request: Runtime_V1_ReopenContainerLogRequest, context: ServerContext
    ) async throws -> Runtime_V1_ReopenContainerLogResponse {
        try await useCases.reopenContainerLog(
            FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify))
        return .init()
    }
}
