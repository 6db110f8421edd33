import NIOCore
import NIOHTTP1
import Synchronization

/// The connections that are open, so that each request knows its client and a stop reaches all of them.
final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: (channel: any Channel, client: ClientPresence)]>([:])

    /// Takes a new connection in; it leaves by itself when it closes.
    func add(_ channel: any Channel) {
        let client = ClientPresence(hangUp: { channel.close(promise: nil) })
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = (channel, client) }
        channel.closeFuture.whenComplete { [self] _ in
            _ = open.withLock { $0.removeValue(forKey: id) }
            client.end()
        }
    }

    func client(of channel: any Channel) -> ClientPresence {
        open.withLock { $0[ObjectIdentifier(channel)]?.client } ?? Self.gone
    }

    /// Idle ones close now, busy ones after their answer.
    func quiesce() {
        for (channel, _) in open.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func closeAll() {
        for (channel, _) in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    private static let gone: ClientPresence = {
        let client = ClientPresence()
        client.end()
        return client
    }()
}
