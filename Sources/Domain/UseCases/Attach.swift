/// Joins what a running container reads and writes, for a client that is at its other end.
package struct Attach: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// The first half: an address at which the session is to be had.
    ///
    /// - Throws: `invalidArgument`, `notFound`, `failedPrecondition` unless it runs, `resourceExhausted`.
    package func address(to id: ContainerID, streams: SessionStreams) throws(DomainError) -> String {
        try context.ports.tickets.issue(grant(to: id, streams: streams))
    }

    /// The first half, for a transport that has its clients come to itself.
    ///
    /// - Throws: `invalidArgument`, `notFound`, `failedPrecondition` unless it runs.
    package func grant(to id: ContainerID, streams: SessionStreams) throws(DomainError) -> SessionRequest {
        try streams.check()
        _ = try context.runningContainer(id, to: "clients are attached")
        return .attach(container: id, streams: streams)
    }

    /// The second half: the client has come. Whether there is a terminal, the container says.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless it still runs, and what the engine says.
    package func open(to id: ContainerID, streams: SessionStreams) async throws(DomainError) -> any LiveSession {
        let container = try context.runningContainer(id, to: "clients are attached")
        var streams = streams
        if container.config.tty {
            if streams.terminal == .none { streams.terminal = .sized(nil) }
            streams.stderr = false
        } else {
            streams.terminal = .none
        }
        return try await context.ports.live.attach(to: id, of: container.podID, streams: streams)
    }
}
