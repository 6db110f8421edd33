import Synchronization

/// Something that happens once, and one task that waits for it.
///
/// The wait ends as well when the waiting task is cancelled, and says which of the two it was: a caller who takes the one for the other answers
/// for what has not happened.
package final class Latch: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation
    private let opened = Mutex(false)

    package init() { (stream, continuation) = AsyncStream.makeStream() }

    /// It has happened. Later calls change nothing.
    package func open() {
        opened.withLock { $0 = true }
        continuation.finish()
    }

    /// Waits for it; one task at a time.
    ///
    /// - Returns: whether it has happened: else the task was cancelled first.
    package func wait() async -> Bool {
        for await _ in stream {}
        return opened.withLock { $0 }
    }
}
