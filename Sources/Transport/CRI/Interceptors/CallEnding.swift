import Synchronization

/// Why a call that may take long was cancelled (see ``CancellationInterceptor``). Written before the task that serves it is cancelled.
package final class CallEnding: Sendable {
    /// Why a call was cancelled.
    package enum Reason: Sendable, Hashable {
        /// The time its client gave it is over. The client may well ask again for the same.
        case deadlinePassed
        /// The client gave up earlier, or its connection is lost.
        case clientGone
        /// This server ends.
        case shuttingDown
    }

    /// From when on a cancellation counts as the deadline's: the client's own clock began to run when it sent the call, so that it gives
    /// up a little before this side's clock says so.
    private let isLateFrom: ContinuousClock.Instant?
    private let state = Mutex<Reason?>(nil)
    private let isShuttingDown: @Sendable () -> Bool

    /// - Parameter timeout: what the client gave the call, which it began now.
    package init(
        timeout: Duration?, from now: ContinuousClock.Instant,
        isShuttingDown: @escaping @Sendable () -> Bool = { false }
    ) {
        isLateFrom = timeout.map { now + $0 - min($0 / 10, .seconds(1)) }
        self.isShuttingDown = isShuttingDown
    }

    /// Nil as long as the call was not cancelled.
    package var reason: Reason? { state.withLock { $0 } }

    /// The call is cancelled now. The first reason stays.
    package func cancelled(at now: ContinuousClock.Instant) {
        let isLate = isLateFrom.map { now >= $0 } ?? false
        let reason: Reason = isLate ? .deadlinePassed : isShuttingDown() ? .shuttingDown : .clientGone
        state.withLock { $0 = $0 ?? reason }
    }
}
