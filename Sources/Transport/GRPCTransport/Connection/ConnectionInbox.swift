import HTTP2
import NIOCore
import Synchronization

/// What RPC tasks tell their connection. However many tell at once, the event loop is woken once.
final class ConnectionInbox: Sendable {
    enum Notice: Sendable {
        /// The stream's response has new parts.
        case output(StreamID)
        /// The stream's reader has taken everything and wants more.
        case demand(StreamID)
        /// What the stream's request holds is wanted for others.
        case evicted(StreamID)
        /// The stream's task is over.
        case ended(StreamID)
    }

    private struct State {
        var notices: [Notice] = []
        var isScheduled = false
        var wake: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    /// - Parameter wake: makes the event loop call `drain` soon. It keeps the connection alive until `close`.
    init(wake: @escaping @Sendable () -> Void) {
        state = Mutex(State(wake: wake))
    }

    /// - Parameter urgently: when false, the notice waits for the next that is, or for the event loop to look by itself.
    func post(_ notice: Notice, urgently: Bool = true) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.wake != nil else { return nil }
            state.notices.append(notice)
            guard urgently, !state.isScheduled else { return nil }
            state.isScheduled = true
            return state.wake
        }
        wake?()
    }

    func drain() -> [Notice] {
        state.withLock { state in
            state.isScheduled = false
            defer { state.notices = [] }
            return state.notices
        }
    }

    /// Whoever still posts is not heard any more.
    func close() {
        state.withLock { state in
            state.wake = nil
            state.notices = []
        }
    }
}
