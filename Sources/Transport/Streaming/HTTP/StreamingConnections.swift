import NIOCore
import NIOPosix
import Synchronization

/// The connections that are open, so that the end reaches all of them, and how many may be there that nobody knows.
final class StreamingConnections: Sendable {
    private struct State {
        var strangers: Set<ObjectIdentifier> = []
        var all: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    /// - Returns: false when there are too many strangers already, or the server ends.
    func add(_ channel: any Channel, strangers limit: Int) -> Bool {
        let id = ObjectIdentifier(channel)
        let fits = state.withLock { state in
            guard state.strangers.count < limit, !state.isEnding else { return false }
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

    /// Returns when all are closed. Who has no session is cut off at once, whose session ends when it has read how, or after `patience`.
    ///
    /// Also of a task that is cancelled.
    func end(patience: TimeAmount) async {
        let (strangers, all) = state.withLock { state in
            state.isEnding = true
            return (state.strangers.compactMap { state.all[$0] }, Array(state.all.values))
        }
        for channel in strangers { channel.close(promise: nil) }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let timer = eventLoop.scheduleTask(in: patience) { for channel in all { channel.close(promise: nil) } }
        _ = try? await EventLoopFuture.andAllComplete(all.map(\.closeFuture), on: eventLoop).get()
        timer.cancel()
    }
}
