import Domain
import Synchronization

/// Ways into a pod that ends in the test: ``FakeLiveSessions/listen(on:_:)`` and ``FakeLiveSessions/accepted``.
package final class FakePortForwarding: PortForwarding {
    /// The pod's own side of a connection, blocking.
    package struct Connection: Sendable, Hashable {
        package var port: UInt16
        package var descriptor: Int32
    }

    private let sessions: FakeLiveSessions
    private let failpoints: Failpoints
    private let closed = Mutex(false)

    init(sessions: FakeLiveSessions, failpoints: Failpoints) {
        self.sessions = sessions
        self.failpoints = failpoints
    }

    package var isClosed: Bool { closed.withLock { $0 } }

    package func connect(to port: UInt16) async throws(DomainError) -> Int32 {
        try await failpoints.enter(.liveConnect)
        if isClosed { throw DomainError(.cancelled, "the port forwarding was closed") }
        guard sessions.isListening(on: port) else {
            throw DomainError(.unavailable, "port \(port): connection refused")
        }
        let (ours, far) = try FakeDescriptors.sockets()
        sessions.acceptedSink.yield(Connection(port: port, descriptor: far))
        return ours
    }

    package func close() { closed.withLock { $0 = true } }
}
