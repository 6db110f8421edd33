import GRPCCore

/// RPCs about metrics: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func listMetricDescriptors(
        request: Runtime_V1_ListMetricDescriptorsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListMetricDescriptorsResponse {
        throw RPCError.notServed("ListMetricDescriptors")
    }

    package func listPodSandboxMetrics(
        request: Runtime_V1_ListPodSandboxMetricsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListPodSandboxMetricsResponse {
        throw RPCError.notServed("ListPodSandboxMetrics")
    }

    package func streamPodSandboxMetrics(
        request: Runtime_V1_StreamPodSandboxMetricsRequest,
        response: RPCWriter<Runtime_V1_StreamPodSandboxMetricsResponse>, context: ServerContext
    ) async throws {
        throw RPCError.notServed("StreamPodSandboxMetrics")
    }
}
