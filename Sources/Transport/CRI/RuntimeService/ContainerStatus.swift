import GRPCCore

extension RuntimeService {
    package func containerStatus(
        request: Runtime_V1_ContainerStatusRequest, context: ServerContext
    ) async throws -> Runtime_V1_ContainerStatusResponse {
        let container = try useCases.containerStatus(
            FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify))
        return .with {
            $0.status = container.wireStatus
            if request.verbose { $0.info = container.diagnostics }
        }
    }
}
