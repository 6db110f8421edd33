import GRPCCore

extension RuntimeService {
    package func containerStats(
        request: Runtime_V1_ContainerStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ContainerStatsResponse {
        let usage = try await useCases.containerStats(
            FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify))
        return .with { $0.stats = usage.wire }
    }
}
