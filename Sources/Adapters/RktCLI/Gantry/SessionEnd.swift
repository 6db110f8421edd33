import Domain
import Synchronization

/// What a session came to: told once, to any number of tasks that wait for it.
final class SessionEnd: Sendable {
    typealias Outcome = Result<Int32, DomainError>

    private struct State {
        var outcome: Outcome?
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    /// The first outcome counts.
    func settle(_ outcome: Outcome) {
        let waiters = state.withLock { state in
            guard state.outcome == nil else { return [CheckedContinuation<Outcome, Never>]() }
            state.outcome = outcome
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    /// - Throws: `cancelled` when the waiting task is.
    func value(about object: String) async throws(DomainError) -> Int32 {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let left = Outcome.failure(DomainError(.cancelled, "\(object): the session's end is no longer waited for"))
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state -> Outcome? in
                    if let outcome = state.outcome { return outcome }
                    if Task.isCancelled { return left }
                    state.waiters[number] = waiter
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: left)
        }
        return try outcome.get()
    }
}
