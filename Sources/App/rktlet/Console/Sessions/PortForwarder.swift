import Glibc
import JSON

/// Carries connections into a pod, a session for each; nothing is shared between them that one could hold up.
final class PortForwarder {
    /// At once; more are refused.
    private static let most = 256
    /// How long connections may go on when their pod has ended, to say what they have got from it, in seconds.
    private static let farewell = 5

    private let client: GatewayClient
    private let pod: String
    private let name: String
    private var listeners: [PortListener] = []
    private var connections: [ForwardedClient] = []
    private let watch: PodWatch
    /// That more are refused was said.
    private var isFullSaid = false
    /// Why it is over, and when the last connection is cut off.
    private var end: (cause: ConsoleError, latest: time_t)?

    /// - Parameter name: of the pod, as it was given.
    init(client: GatewayClient, pod: String, name: String) {
        self.client = client
        self.pod = pod
        self.name = name
        watch = PodWatch(client: client, pod: pod, name: name)
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
    ///
    /// - Throws: ``ConsoleError`` when the pod is ready no more.
    func run() throws -> Never {
        var isTold = false
        while true {
            // Before anything is waited for: the whole of a session may have come behind its handshake.
            forgetEnded()
            try finishIfOver(isTold: isTold)
            var places = [pollfd(fd: end == nil ? watch.descriptor : -1, events: Int16(POLLIN), revents: 0)]
            places += listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            let first = places.count
            for connection in connections {
                // Whoever hung up is told of without being asked for: not while nothing can be done about it.
                let (local, session) = (connection.localEvents, connection.sessionEvents)
                places.append(pollfd(fd: local == 0 ? -1 : connection.local, events: local, revents: 0))
                places.append(
                    pollfd(fd: session == 0 ? -1 : connection.session.descriptor, events: session, revents: 0))
            }
            isTold = false
            guard poll(&places, nfds_t(places.count), end == nil ? watch.patience : 1000) > 0 else { continue }
            isTold = places[0].revents != 0
            for (index, connection) in connections.enumerated() {
                serve(connection, places[first + 2 * index], places[first + 2 * index + 1])
            }
            for (listener, place) in zip(listeners, places.dropFirst()) where place.revents != 0 { accept(listener) }
        }
    }

    /// Nobody new is let in once the pod has ended; its daemon ends the sessions.
    ///
    /// - Parameter isTold: whether there are events to be read.
    private func finishIfOver(isTold: Bool) throws {
        if end == nil, let cause = watch.advance(isReadable: isTold) {
            end = (cause, time(nil) + Self.farewell)
            listeners = []
        }
        if let end, connections.isEmpty || time(nil) > end.latest { throw end.cause }
    }

    private func forgetEnded() {
        connections.removeAll { connection in
            if connection.isOver, let failure = connection.failure {
                StandardError.write(ConsoleError.text(failure, about: "pod \(name)"))
            }
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
        guard connections.count < Self.most else { return refuse(local) }
        isFullSaid = false
        print("Handling connection for \(listener.port)")
        fflush(nil)
        let session: SessionSocket
        do {
            session = try client.session(path, request(listener.remote))
        } catch {
            close(local)
            return StandardError.write(ConsoleError.text("\(error)", about: "pod \(name)"))
        }
        let connection = ForwardedClient(local, session)
        connections.append(connection)
        if session.hasEarly { connection.takeFromSession() }
    }

    private func refuse(_ local: CInt) {
        close(local)
        guard !isFullSaid else { return }
        isFullSaid = true
        StandardError.write(
            "pod \(name): \(Self.most) connections are forwarded, which is the most; new ones are refused until one of them ends"
        )
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
