import GRPCCore

/// RPCs about changes of what runs: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func updateContainerResources(
        request: Runtime_V1_UpdateContainerResourcesRequest, context: ServerContext
    ) async throws -> Runtime_V1_UpdateContainerResourcesResponse {
        throw RPCError.notServed("UpdateContainerResources")
    }

    package func updatePodSandboxResources(
        request: Runtime_V1_UpdatePodSandboxResourcesRequest, context: ServerContext
    ) async throws -> Runtime_V1_UpdatePodSandboxResourcesResponse {
        throw RPCError.notServed("UpdatePodSandboxResources")
    }
}
