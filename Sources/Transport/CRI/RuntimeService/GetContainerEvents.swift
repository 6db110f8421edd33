import GRPCCore

extension RuntimeService {
    /// Every event from the call on, until the client leaves, falls too far behind (`RESOURCE_EXHAUSTED`: it subscribes again and lists),
    /// or the daemon stops (`OK`).
    package func getContainerEvents(
        request: Runtime_V1_GetEventsRequest, response: RPCWriter<Runtime_V1_ContainerEventResponse>,
        context: ServerContext
    ) async throws {
        for try await event in useCases.containerEvents() { try await response.write(event.wire) }
    }
}
