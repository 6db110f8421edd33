import Synchronization

/// Something about a unit changed.
package enum UnitChange: Hashable, Sendable {
    /// The states it has now.
    case state(active: String, sub: String)
    /// systemd has unloaded it.
    case removed
}

/// What happened since the last batch. Only the latest change of each unit is kept, so a slow reader costs no memory.
package struct UnitChangeBatch: Sendable {
    /// All units there are: at the beginning and whenever signals may have been lost. `changes` are later than it.
    package var listing: [UnitSummary]?
    package var changes: [String: UnitChange]
}

/// The changes of the units under a prefix, in batches. Ends when its task is cancelled or the bus thread ends.
package struct UnitChanges: AsyncSequence, Sendable {
    package typealias Element = UnitChangeBatch
    package typealias Failure = Never

    let mailbox: UnitChangeMailbox
    let subscription: UnitChangeSubscription

    package func makeAsyncIterator() -> Iterator {
        Iterator(mailbox: mailbox, subscription: subscription, signals: mailbox.signals.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        let mailbox: UnitChangeMailbox
        let subscription: UnitChangeSubscription
        var signals: AsyncStream<Void>.Iterator

        package mutating func next() async -> UnitChangeBatch? {
            await next(isolation: nil)
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> UnitChangeBatch? {
            while await signals.next(isolation: actor) != nil {
                if let batch = mailbox.take() { return batch }
            }
            return nil
        }
    }
}

/// Ends the watching when the last sequence or iterator goes.
final class UnitChangeSubscription: Sendable {
    private let end: @Sendable () -> Void
    init(end: @escaping @Sendable () -> Void) { self.end = end }
    deinit { end() }
}

/// Between the bus thread, which puts, and one reader, which takes.
final class UnitChangeMailbox: Sendable {
    private let content = Mutex(UnitChangeBatch(listing: nil, changes: [:]))
    private let continuation: AsyncStream<Void>.Continuation
    let signals: AsyncStream<Void>

    init() {
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func put(listing: [UnitSummary]) {
        content.withLock { $0 = UnitChangeBatch(listing: listing, changes: [:]) }
        continuation.yield()
    }

    func put(_ change: UnitChange, of unit: String) {
        content.withLock { $0.changes[unit] = change }
        continuation.yield()
    }

    func finish() { continuation.finish() }

    func take() -> UnitChangeBatch? {
        content.withLock { content in
            guard content.listing != nil || !content.changes.isEmpty else { return nil }
            defer { content = UnitChangeBatch(listing: nil, changes: [:]) }
            return content
        }
    }
}
