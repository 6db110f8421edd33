import GRPCCore

extension RuntimeService {
    package func updateRuntimeConfig(
        request: Runtime_V1_UpdateRuntimeConfigRequest, context: ServerContext
    ) async throws -> Runtime_V1_UpdateRuntimeConfigResponse {
        let range = request.runtimeConfig.networkConfig.podCidr
        if !range.isEmpty { _ = try FieldPath("runtime_config.network_config.pod_cidr").ranges(range) }
        try await useCases.updateRuntimeConfig(podCIDR: range)
        return .init()
    }
}
