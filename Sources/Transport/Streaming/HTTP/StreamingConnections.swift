import NIOCore
import Synchronization

/// The connections that are open, so that the end reaches all of them, and how many may be there that nobody knows.
final class StreamingConnections: Sendable {
    private struct State {
        var strangers: Set<ObjectIdentifier> = []
        var all: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = Mutex(State())

    /// - Returns: false when there are too many strangers already.
    func add(_ channel: any Channel, strangers limit: Int) -> Bool {
        let id = ObjectIdentifier(channel)
        let fits = state.withLock { state in
            guard state.strangers.count < limit else { return false }
            state.strangers.insert(id)
            state.all[id] = channel
            return true
        }
        guard fits else { return false }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.strangers.remove(id)
                state.all[id] = nil
            }
        }
        return true
    }

    func admit(_ channel: any Channel) { state.withLock { _ = $0.strangers.remove(ObjectIdentifier(channel)) } }

    func closeAll() {
        for channel in state.withLock({ Array($0.all.values) }) { channel.close(promise: nil) }
    }
}
