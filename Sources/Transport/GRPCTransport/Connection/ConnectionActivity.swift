import NIOCore
import Synchronization

/// Whether a connection is of use at the moment, for whoever must choose one that gives way.
final class ConnectionActivity: Sendable {
    private struct State {
        var isReady = false
        var isBusy = false
        var since: NIODeadline
    }

    private let state: Mutex<State>

    /// Of a connection that has just been opened.
    init(now: NIODeadline) { state = Mutex(State(since: now)) }

    /// - Parameters:
    ///   - isReady: the client has sent its SETTINGS.
    ///   - isBusy: a stream is open or an RPC runs.
    func note(isReady: Bool, isBusy: Bool, now: NIODeadline) {
        state.withLock { state in
            guard state.isReady != isReady || state.isBusy != isBusy else { return }
            state = State(isReady: isReady, isBusy: isBusy, since: now)
        }
    }

    /// How soon it gives way: the lowest rank does first. Those before their handshake are first, the oldest of them ahead; then those without
    /// a call, by the time since the last one. Nil for one with a call: it stays.
    var rank: Rank? {
        state.withLock { state in
            state.isBusy ? nil : Rank(isReady: state.isReady, since: state.since)
        }
    }

    struct Rank: Comparable {
        let isReady: Bool
        let since: NIODeadline

        static func < (one: Rank, other: Rank) -> Bool {
            one.isReady == other.isReady ? one.since < other.since : !one.isReady
        }
    }
}
