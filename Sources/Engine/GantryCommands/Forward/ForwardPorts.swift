import GantryCore
import Glibc

/// Listens on the host's loopback and carries what comes to the pod's, until the pod ends.
struct ForwardPorts: Verb, Equatable {
    static let title = "port-forward"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var ports: [ForwardedPort]

    /// Connections at once, those that are being made among them; more are refused.
    ///
    /// Two descriptors each, of the 1024 that a process usually may have.
    private static let most = 256

    func perform() throws(EngineError) {
        let life = try PodLife(context.store, context.store.resolve(pod))
        // Before the other network is entered: these are the host's.
        var listeners: [LoopbackListener] = []
        for port in ports { listeners += try LoopbackListener.both(port.local, to: port.remote) }
        try PodNetworkEntry.enter(life.record)
        for listener in listeners { Output.print("Forwarding from \(listener.address) -> \(listener.remote)") }
        try carry(listeners, life)
    }

    private func carry(_ listeners: [LoopbackListener], _ life: PodLife) throws(EngineError) {
        var relays: [PortRelay] = []
        var isFullSaid = false
        while true {
            var polled = [pollfd(fd: life.descriptor, events: Int16(POLLIN), revents: 0)]
            polled += listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            for relay in relays { polled += relay.wanted }
            let timeout = ServeConnections.timeout(relays.compactMap(\.deadline))
            guard poll(&polled, nfds_t(polled.count), timeout) >= 0 else {
                if errno == EINTR { continue }
                throw .posix("wait for connections", errno)
            }
            if polled[0].revents != 0 {
                throw EngineError(.unavailable, "pod \(life.record.uuid): has ended")
            }
            for relay in relays { relay.advance() }
            relays.removeAll(where: \.isOver)
            for (index, listener) in listeners.enumerated() where polled[index + 1].revents != 0 {
                guard relays.count >= Self.most else {
                    isFullSaid = false
                    if let relay = listener.accept() { relays.append(relay) }
                    continue
                }
                listener.refuse()
                if !isFullSaid {
                    Output.error(
                        "port-forward: pod \(life.record.uuid): \(Self.most) connections are forwarded, which is the most; new ones are refused until one of them ends"
                    )
                }
                isFullSaid = true
            }
        }
    }
}
