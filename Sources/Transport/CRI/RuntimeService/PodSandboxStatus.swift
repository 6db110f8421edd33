import GRPCCore

extension RuntimeService {
    package func podSandboxStatus(
        request: Runtime_V1_PodSandboxStatusRequest, context: ServerContext
    ) async throws -> Runtime_V1_PodSandboxStatusResponse {
        // Before the reading: the statuses are at least as new as the time they carry.
        let now = useCases.now
        let record = try useCases.podSandboxStatus(
            FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID, among: useCases.identify))
        return .with {
            $0.status = record.pod.wireStatus
            $0.containersStatuses = record.containers.map(\.wireStatus)
            $0.timestamp = now.nanoseconds
            if request.verbose { $0.info = record.pod.diagnostics }
        }
    }
}
