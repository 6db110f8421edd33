import GRPCCore

extension RuntimeService {
    package func execSync(
        request: Runtime_V1_ExecSyncRequest, context: ServerContext
    ) async throws -> Runtime_V1_ExecSyncResponse {
        let timeout = try FieldPath("timeout").seconds(request.timeout)
        let command = try CommandLine.parseFilled(request.cmd, at: FieldPath("cmd"))
        let id = try FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify)
        let result = try await useCases.execSync(command, in: id, timeout: timeout == .zero ? nil : timeout)
        return .with {
            $0.stdout = .init(result.stdout)
            $0.stderr = .init(result.stderr)
            $0.exitCode = result.exitCode
        }
    }
}
