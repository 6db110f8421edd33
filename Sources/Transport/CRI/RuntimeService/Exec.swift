import Domain
import GRPCCore

extension RuntimeService {
    package func exec(
        request: Runtime_V1_ExecRequest, context: ServerContext
    ) async throws -> Runtime_V1_ExecResponse {
        let command = try CommandLine.parseFilled(request.cmd, at: FieldPath("cmd"))
        let streams = SessionStreams(
            stdin: request.stdin, stdout: request.stdout, stderr: request.stderr,
            terminal: request.tty ? .sized(nil) : .none)
        let id = try FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify)
        return try .with { $0.url = try useCases.exec.address(command, in: id, streams: streams) }
    }
}
