/// Runs a command in a running container for a client that is at its other end.
///
/// What must always hold: the container runs both when the address is given out and when it is used.
package struct Exec: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// The first half: an address at which the session is to be had.
    ///
    /// - Throws: `invalidArgument`, `notFound`, `failedPrecondition` unless it runs, `resourceExhausted`.
    package func address(
        _ command: [String], in id: ContainerID, streams: SessionStreams
    ) throws(DomainError) -> String {
        try context.ports.tickets.issue(grant(command, in: id, streams: streams))
    }

    /// The first half, for a transport that has its clients come to itself.
    ///
    /// - Throws: `invalidArgument`, `notFound`, `failedPrecondition` unless it runs.
    package func grant(
        _ command: [String], in id: ContainerID, streams: SessionStreams
    ) throws(DomainError) -> SessionRequest {
        guard let executable = command.first, !executable.isEmpty else {
            throw DomainError(.invalidArgument, "cmd: a command to run in container \(id) is missing")
        }
        try streams.check()
        _ = try context.runningContainer(id, to: "commands run")
        return .exec(command: command, container: id, streams: streams)
    }

    /// The second half: the client has come.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless it still runs, and what the engine says.
    package func open(
        _ command: [String], in id: ContainerID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        let container = try context.runningContainer(id, to: "commands run")
        return try await context.ports.live.exec(command, in: id, of: container.podID, streams: streams)
    }
}
