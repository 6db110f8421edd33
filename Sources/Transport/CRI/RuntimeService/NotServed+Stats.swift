import GRPCCore

/// RPCs about resource use: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func containerStats(
        request: Runtime_V1_ContainerStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ContainerStatsResponse {
        throw RPCError.notServed("ContainerStats")
    }

    package func listContainerStats(
        request: Runtime_V1_ListContainerStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListContainerStatsResponse {
        throw RPCError.notServed("ListContainerStats")
    }

    package func streamContainerStats(
        request: Runtime_V1_StreamContainerStatsRequest, response: RPCWriter<Runtime_V1_StreamContainerStatsResponse>,
        context: ServerContext
    ) async throws {
        throw RPCError.notServed("StreamContainerStats")
    }

    package func podSandboxStats(
        request: Runtime_V1_PodSandboxStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_PodSandboxStatsResponse {
        throw RPCError.notServed("PodSandboxStats")
    }

    package func listPodSandboxStats(
        request: Runtime_V1_ListPodSandboxStatsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxStatsResponse {
        throw RPCError.notServed("ListPodSandboxStats")
    }

    package func streamPodSandboxStats(
        request: Runtime_V1_StreamPodSandboxStatsRequest, response: RPCWriter<Runtime_V1_StreamPodSandboxStatsResponse>,
        context: ServerContext
    ) async throws {
        throw RPCError.notServed("StreamPodSandboxStats")
    }
}
