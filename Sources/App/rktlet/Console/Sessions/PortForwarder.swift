import Glibc
import JSON

/// Carries connections into a pod, a session for each; nothing is shared between them that one could hold up.
final class PortForwarder {
    /// More wait until others are over.
    private static let most = 256

    private let client: GatewayClient
    private let pod: String
    private let name: String
    private var listeners: [PortListener] = []
    private var connections: [ForwardedClient] = []

    /// - Parameter name: of the pod, as it was given.
    init(client: GatewayClient, pod: String, name: String) {
        self.client = client
        self.pod = pod
        self.name = name
    }

    /// - Throws: ``ConsoleError`` when the pod's ports are not forwarded.
    func probe(_ port: UInt16) throws { _ = try client.post(path, request(port)) }

    func listen(_ pair: PortPair) throws {
        guard let first = try PortListener(isV6: false, local: pair.local, remote: pair.remote) else {
            throw ConsoleError("there is no IPv4 here")
        }
        add(first, "127.0.0.1")
        // A free port of the one need not be free on the other.
        let second = try? PortListener(isV6: true, local: first.port, remote: pair.remote)
        if let second { add(second, "[::1]") }
    }

    private func add(_ listener: PortListener, _ address: String) {
        listeners.append(listener)
        print("Forwarding from \(address):\(listener.port) -> \(listener.remote)")
        fflush(nil)
    }

    /// Until a signal ends the process.
    func run() throws -> Never {
        while true {
            // Before anything is waited for: the whole of a session may have come behind its handshake.
            forgetEnded()
            let isAccepting = connections.count < Self.most
            var places = listeners.map {
                pollfd(fd: isAccepting ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0)
            }
            for connection in connections {
                // Whoever hung up is told of without being asked for: not while nothing can be done about it.
                let (local, session) = (connection.localEvents, connection.sessionEvents)
                places.append(pollfd(fd: local == 0 ? -1 : connection.local, events: local, revents: 0))
                places.append(
                    pollfd(fd: session == 0 ? -1 : connection.session.descriptor, events: session, revents: 0))
            }
            guard poll(&places, nfds_t(places.count), -1) > 0 else { continue }
            for (index, connection) in connections.enumerated() {
                serve(connection, places[listeners.count + 2 * index], places[listeners.count + 2 * index + 1])
            }
            for (listener, place) in zip(listeners, places) where place.revents != 0 { accept(listener) }
        }
    }

    private func forgetEnded() {
        connections.removeAll { connection in
            if connection.isOver, let failure = connection.failure { StandardError.write("pod \(name): \(failure)") }
            return connection.isOver
        }
    }

    private func serve(_ connection: ForwardedClient, _ local: pollfd, _ session: pollfd) {
        if local.revents & Int16(POLLOUT) != 0 { connection.pass() }
        if local.revents & ~Int16(POLLOUT) != 0 { connection.takeFromLocal() }
        if session.revents & Int16(POLLOUT) != 0 { connection.session.flush() }
        if session.revents & ~Int16(POLLOUT) != 0 { connection.takeFromSession() }
    }

    private func accept(_ listener: PortListener) {
        guard let local = listener.accept() else { return }
        print("Handling connection for \(listener.port)")
        fflush(nil)
        let session: SessionSocket
        do {
            session = try client.session(path, request(listener.remote))
        } catch {
            close(local)
            return StandardError.write("pod \(name), port \(listener.remote): \(error)")
        }
        let connection = ForwardedClient(local, session)
        connections.append(connection)
        if session.hasEarly { connection.takeFromSession() }
    }

    private var path: String { "/v1/pods/\(pod)/sessions/portforward" }

    private func request(_ port: UInt16) -> [UInt8] {
        var request = JSONText()
        request.object { json in
            json.member("port") { json in json.array([port]) { $0.number($1) } }
        }
        return request.take()
    }
}
