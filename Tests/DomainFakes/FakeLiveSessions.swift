import Domain
import Synchronization

/// Sessions on real descriptors, whose other side the test plays. A few commands play it themselves: `true`, `false`, `echo WORD...`,
/// `cat`, and `sh -c "exit N"`; every other runs until the test ends it, or the session is cancelled.
package final class FakeLiveSessions: LiveSessions {
    package struct Call: Sendable, Hashable {
        /// Nil: attached.
        package var command: [String]?
        package var container: ContainerID
        package var pod: PodID
        package var streams: SessionStreams
    }

    private struct State {
        var calls: [Call] = []
        var sessions: [FakeLiveSession] = []
        var forwardings: [FakePortForwarding] = []
        var listening: Set<UInt16> = []
    }

    private let state = Mutex(State())
    private let engine: FakeEngine?
    private let failpoints: Failpoints
    /// Sessions in the order in which they were opened; for one reader.
    package let opened: AsyncStream<FakeLiveSession>
    private let openedSink: AsyncStream<FakeLiveSession>.Continuation
    /// What was connected to listening ports: the pod's own side of each; for one reader, who closes them.
    package let accepted: AsyncStream<FakePortForwarding.Connection>
    let acceptedSink: AsyncStream<FakePortForwarding.Connection>.Continuation

    /// - Parameter engine: which containers run; nil: all do.
    package init(engine: FakeEngine? = nil, failpoints: Failpoints = Failpoints()) {
        self.engine = engine
        self.failpoints = failpoints
        (opened, openedSink) = AsyncStream.makeStream()
        (accepted, acceptedSink) = AsyncStream.makeStream()
    }

    package var calls: [Call] { state.withLock { $0.calls } }
    package var sessions: [FakeLiveSession] { state.withLock { $0.sessions } }
    package var forwardings: [FakePortForwarding] { state.withLock { $0.forwardings } }

    /// From now on somebody listens on this port of every pod, or nobody.
    package func listen(on port: UInt16, _ isListening: Bool = true) {
        state.withLock { state in
            if isListening { state.listening.insert(port) } else { state.listening.remove(port) }
        }
    }

    func isListening(on port: UInt16) -> Bool { state.withLock { $0.listening.contains(port) } }

    // MARK: The port

    package func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        try await failpoints.enter(.liveExec)
        try requireRunning(container, pod)
        if command.first == "/does/not/exist" {
            throw DomainError(.invalidArgument, "container \(container): \(command[0]): no such file")
        }
        let session = try open(Call(command: command, container: container, pod: pod, streams: streams))
        do throws(DomainError) { try await failpoints.leave(.liveExec) } catch {
            session.abandon()
            throw error
        }
        session.play(command)
        return session
    }

    package func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        try await failpoints.enter(.liveAttach)
        try requireRunning(container, pod)
        let session = try open(Call(command: nil, container: container, pod: pod, streams: streams))
        do throws(DomainError) { try await failpoints.leave(.liveAttach) } catch {
            session.abandon()
            throw error
        }
        return session
    }

    package func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding {
        try await failpoints.enter(.liveForward)
        if let engine {
            guard let record = engine.records[pod] else { throw DomainError(.notFound, "the engine has no pod \(pod)") }
            guard record.pod.state == .ready else { throw DomainError(.failedPrecondition, "pod \(pod) is not ready") }
        }
        let forwarding = FakePortForwarding(sessions: self, failpoints: failpoints)
        state.withLock { $0.forwardings.append(forwarding) }
        try await failpoints.leave(.liveForward)
        return forwarding
    }

    private func requireRunning(_ id: ContainerID, _ pod: PodID) throws(DomainError) {
        guard let engine else { return }
        guard let container = engine.records[pod]?.containers.first(where: { $0.id == id }) else {
            throw DomainError(.notFound, "the engine has no container \(id) in pod \(pod)")
        }
        guard container.state == .running else {
            throw DomainError(.failedPrecondition, "container \(id) is \(container.state.rawValue), not running")
        }
    }

    private func open(_ call: Call) throws(DomainError) -> FakeLiveSession {
        let session = try FakeLiveSession(call.streams, isAttached: call.command == nil)
        state.withLock { state in
            state.calls.append(call)
            state.sessions.append(session)
        }
        openedSink.yield(session)
        return session
    }
}
