import Synchronization

/// Hands every event to every subscriber.
///
/// What must always hold: publishing never waits. A subscriber who is slower than its buffer is told so by an error at the end of its
/// stream, after what it was still owed, and never by a silent gap: it subscribes again and lists.
package final class EventBroadcaster: Sendable {
    private typealias Subscriber = AsyncThrowingStream<ContainerEvent, any Error>.Continuation

    private struct State {
        var subscribers: [UInt64: Subscriber] = [:]
        var nextNumber: UInt64 = 0
        var closed = false
    }

    private let state = Mutex(State())
    private let buffer: Int

    /// - Parameter buffer: how many events a subscriber may be behind.
    package init(buffer: Int = 1024) {
        self.buffer = max(1, buffer)
    }

    package var hasSubscribers: Bool { state.withLock { !$0.subscribers.isEmpty } }

    /// True when no stream yields anything any more.
    package var isClosed: Bool { state.withLock { $0.closed } }

    /// Everything that is published from now on. The stream ends when its reader's task is cancelled or the broadcaster closes.
    package func subscribe() -> AsyncThrowingStream<ContainerEvent, any Error> {
        let (stream, subscriber) = AsyncThrowingStream.makeStream(
            of: ContainerEvent.self, throwing: (any Error).self, bufferingPolicy: .bufferingOldest(buffer))
        let number = state.withLock { state -> UInt64? in
            guard !state.closed else { return nil }
            state.nextNumber += 1
            state.subscribers[state.nextNumber] = subscriber
            return state.nextNumber
        }
        guard let number else {
            subscriber.finish()
            return stream
        }
        subscriber.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    package func publish(_ events: [ContainerEvent]) {
        let subscribers = state.withLock { $0.subscribers }
        for (number, subscriber) in subscribers where !deliver(events, to: subscriber) {
            _ = state.withLock { $0.subscribers.removeValue(forKey: number) }
            subscriber.finish(
                throwing: DomainError(
                    .resourceExhausted,
                    "this subscriber fell more than \(buffer) container events behind; subscribe again and list"))
        }
    }

    /// Ends all streams; nobody can subscribe any more.
    package func close() {
        let subscribers = state.withLock { state in
            state.closed = true
            return state.subscribers
        }
        for subscriber in subscribers.values { subscriber.finish() }
    }

    private func deliver(_ events: [ContainerEvent], to subscriber: Subscriber) -> Bool {
        for event in events {
            if case .dropped = subscriber.yield(event) { return false }
        }
        return true
    }
}
