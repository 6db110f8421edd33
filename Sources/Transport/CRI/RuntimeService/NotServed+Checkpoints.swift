import GRPCCore

/// RPCs about checkpoints: registered, and answered `UNIMPLEMENTED`.
extension RuntimeService {
    package func checkpointContainer(
        request: Runtime_V1_CheckpointContainerRequest, context: ServerContext
    ) async throws -> Runtime_V1_CheckpointContainerResponse {
        throw RPCError.notServed("CheckpointContainer")
    }

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
