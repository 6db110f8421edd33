import Domain

/// What was granted to the client of a command or of an attached container.
struct CommandGrant: Sendable {
    enum Target: Sendable {
        case exec([String], ContainerID)
        case attach(ContainerID)
    }

    let target: Target
    let streams: SessionStreams

    func open(_ useCases: UseCases, size: TerminalSize?) async throws(DomainError) -> any LiveSession {
        var streams = streams
        if streams.terminal != .none { streams.terminal = .sized(size) }
        switch target {
        case .exec(let command, let container):
            return try await useCases.exec.open(command, in: container, streams: streams)
        case .attach(let container):
            return try await useCases.attach.open(to: container, streams: streams)
        }
    }

    var container: ContainerID {
        switch target {
        case .exec(_, let container), .attach(let container): container
        }
    }

    var isTerminal: Bool { streams.terminal != .none }
}
