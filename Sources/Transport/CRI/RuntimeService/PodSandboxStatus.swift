import GRPCCore

extension RuntimeService {
    package func podSandboxStatus(
        request: Runtime_V1_PodSandboxStatusRequest, context: ServerContext
    ) async throws -> Runtime_V1_PodSandboxStatusResponse {
        let record = try useCases.podSandboxStatus(FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID))
        return .with {
            $0.status = record.pod.wireStatus
            if request.verbose { $0.info = record.pod.diagnostics }
        }
    }
}
