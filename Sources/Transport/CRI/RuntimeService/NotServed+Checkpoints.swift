import GRPCCore

/// RPCs about checkpoints of whole pods: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func checkpointPod(
        request: Runtime_V1_CheckpointPodRequest, context: ServerContext
    ) async throws -> Runtime_V1_CheckpointPodResponse {
        throw RPCError.notServed("CheckpointPod")
    }

    package func restorePod(
        request: Runtime_V1_RestorePodRequest, context: ServerContext
    ) async throws -> Runtime_V1_RestorePodResponse {
        throw RPCError.notServed("RestorePod")
    }
}
