import Domain

/// Sessions behind the engine's command line.
package struct RktLiveSessions: LiveSessions {
    private let resolver: DialectResolver
    private let beforeMove: @Sendable () -> Void

    /// - Parameter engine: they share what is known of the binary.
    package init(engine: RktCLIEngine) {
        resolver = engine.resolver
        beforeMove = engine.beforeMove
    }

    package func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        guard !command.isEmpty else { throw DomainError(.invalidArgument, "cmd of container \(container) is empty") }
        beforeMove()
        return try await resolver.dialect().exec(command, in: container, of: pod, streams: streams)
    }

    package func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        try await resolver.dialect().attach(to: container, of: pod, streams: streams)
    }

    package func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding {
        try await resolver.dialect().forward(into: pod)
    }
}
