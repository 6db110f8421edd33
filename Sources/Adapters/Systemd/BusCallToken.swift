import Synchronization

/// Identifies a call, and remembers a cancellation that came before the call was posted.
final class BusCallToken: Sendable {
    private let cancelled = Atomic(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
