import Synchronization

/// How the call that a task serves is to end, for whoever serves it: until when its client waits, and why it was cancelled.
///
/// Set for the tasks of calls that may take long (see ``CancellationInterceptor``), and written before they are cancelled: who finds
/// its task cancelled finds the reason here.
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

    /// That of the call which the current task serves.
    @TaskLocal package static var current: CallEnding?

    /// A client that gives up at its own deadline is as a rule heard of a little before this side's clock says so, or after.
    private static let slack = Duration.milliseconds(50)

    /// When the client's patience ends; nil when it has set no limit.
    package let deadline: ContinuousClock.Instant?
    private let state = Mutex<Reason?>(nil)
    private let isShuttingDown: @Sendable () -> Bool

    package init(deadline: ContinuousClock.Instant?, isShuttingDown: @escaping @Sendable () -> Bool = { false }) {
        self.deadline = deadline
        self.isShuttingDown = isShuttingDown
    }

    /// Nil as long as the call was not cancelled.
    package var reason: Reason? { state.withLock { $0 } }

    /// The call is cancelled now. The first reason stays.
    func cancelled(at now: ContinuousClock.Instant) {
        let isLate = deadline.map { now >= $0 - Self.slack } ?? false
        let reason: Reason = isLate ? .deadlinePassed : isShuttingDown() ? .shuttingDown : .clientGone
        state.withLock { $0 = $0 ?? reason }
    }
}
