import Domain
import GRPCCore

extension RuntimeService {
    package func attach(
        request: Runtime_V1_AttachRequest, context: ServerContext
    ) async throws -> Runtime_V1_AttachResponse {
        let streams = SessionStreams(
            stdin: request.stdin, stdout: request.stdout, stderr: request.stderr,
            terminal: request.tty ? .sized(nil) : .none)
        let id = try FieldPath("container_id").existingContainerID(request.containerID, among: useCases.identify)
        return try .with { $0.url = try useCases.attach.address(to: id, streams: streams) }
    }
}
