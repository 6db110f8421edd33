import CSystemd
import Glibc
import Synchronization

/// What other threads have for the bus thread, and the descriptor that wakes it.
final class BusInbox: Sendable {
    enum Message: Sendable {
        case call(BusCall)
        case cancel(BusCallToken)
        case watch(prefix: String, UnitChangeMailbox)
        case unwatch(UnitChangeMailbox)
        case shutDown
    }

    private struct State {
        var messages: [Message] = []
        var closed = false
    }

    private let state = Mutex(State())
    /// An eventfd; -1 when the system gave none, and then the thread looks every 100 ms.
    let wakeDescriptor: Int32

    init() {
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        if wakeDescriptor >= 0 { close(wakeDescriptor) }
    }

    func post(_ message: Message) {
        let accepted = state.withLock { state in
            guard !state.closed else { return false }
            state.messages.append(message)
            return true
        }
        if accepted {
            // Fails only when the counter is at its end: then the thread is awake anyway.
            eventfd_write(wakeDescriptor, 1)
        } else {
            Self.refuse(message)
        }
    }

    /// The thread has ended: nothing is answered any more.
    var isShut: Bool { state.withLock { $0.closed } }

    /// Everything posted so far, in order.
    func take() -> [Message] {
        var count: eventfd_t = 0
        eventfd_read(wakeDescriptor, &count)
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Nothing is accepted any more; what was not taken is refused.
    func shut() {
        let rest = state.withLock { state in
            state.closed = true
            defer { state.messages = [] }
            return state.messages
        }
        rest.forEach(Self.refuse)
    }

    private static func refuse(_ message: Message) {
        switch message {
        case .call(let call): call.finish(.failure(.disconnected(call.request.summary)))
        case .watch(_, let mailbox): mailbox.finish()
        case .cancel, .unwatch, .shutDown: break
        }
    }
}
