import NIOCore
import NIOPosix
import Synchronization

/// The connections that are open, so that the end reaches all of them, and how many may be there that nobody knows.
///
/// Where there are too many strangers, a new one takes the place of the oldest, which had the longest time to send its request. So nobody is kept out by
/// those who only sit there.
final class StreamingConnections: Sendable {
    private struct Stranger {
        /// When it came, as a number that only rises.
        let turn: UInt64
        /// Its request was refused, and it may still read why: it goes by itself.
        var isLeaving = false
    }

    private struct State {
        var strangers: [ObjectIdentifier: Stranger] = [:]
        var all: [ObjectIdentifier: any Channel] = [:]
        var turn: UInt64 = 0
        var isEnding = false

        /// Who goes for another; those who read an answer last.
        mutating func takeOldestStranger() -> (any Channel)? {
            let oldest = strangers.min { left, right in
                left.value.isLeaving == right.value.isLeaving
                    ? left.value.turn < right.value.turn : right.value.isLeaving
            }
            guard let oldest else { return nil }
            strangers[oldest.key] = nil
            return all[oldest.key]
        }
    }

    private let state = Mutex(State())

    /// - Returns: false when the server ends.
    func add(_ channel: any Channel, strangers limit: Int) -> Bool {
        let id = ObjectIdentifier(channel)
        let (isWelcome, pushedOut) = state.withLock { state -> (Bool, (any Channel)?) in
            guard !state.isEnding else { return (false, nil) }
            let pushedOut = state.strangers.count < limit ? nil : state.takeOldestStranger()
            state.turn += 1
            state.strangers[id] = Stranger(turn: state.turn)
            state.all[id] = channel
            return (true, pushedOut)
        }
        guard isWelcome else { return false }
        pushedOut?.close(promise: nil)
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.strangers[id] = nil
                state.all[id] = nil
            }
        }
        return true
    }

    func admit(_ channel: any Channel) { state.withLock { $0.strangers[ObjectIdentifier(channel)] = nil } }

    /// Its request was refused.
    func dismiss(_ channel: any Channel) {
        state.withLock { $0.strangers[ObjectIdentifier(channel)]?.isLeaving = true }
    }

    /// Returns when all are closed. Who has no session is cut off at once, whose session ends when it has read how, or after `patience`.
    ///
    /// Also of a task that is cancelled.
    func end(patience: TimeAmount) async {
        let (strangers, all) = state.withLock { state in
            state.isEnding = true
            return (state.strangers.keys.compactMap { state.all[$0] }, Array(state.all.values))
        }
        for channel in strangers { channel.close(promise: nil) }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let timer = eventLoop.scheduleTask(in: patience) { for channel in all { channel.close(promise: nil) } }
        _ = try? await EventLoopFuture.andAllComplete(all.map(\.closeFuture), on: eventLoop).get()
        timer.cancel()
    }
}
