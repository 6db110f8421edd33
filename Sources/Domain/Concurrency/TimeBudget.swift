/// A bound on how long something may take, on a clock that tests can turn.
package struct TimeBudget: Sendable {
    package let duration: Duration
    private let clock: any Clock<Duration>

    package init(_ duration: Duration, on clock: any Clock<Duration>) {
        self.duration = duration
        self.clock = clock
    }

    /// Runs `work`, and cancels it when the budget has passed.
    ///
    /// Work that succeeds in spite of its cancellation has succeeded. It returns when the work has, so the bound is as good as the
    /// work's own answer to cancellation.
    ///
    /// - Throws: the work's own error; `deadlineExceeded`, naming `what`, for one that came after the budget had passed.
    package func run<Value: Sendable>(
        _ what: String, _ work: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let result = await withTaskGroup(of: Outcome<Value>.self) { group -> Result<Value, DomainError> in
            group.addTask { .ended(await Result(catching: work)) }
            group.addTask { [clock, duration] in
                do {
                    try await clock.sleep(for: duration)
                    return .timeIsUp
                } catch {
                    return .timerStopped
                }
            }
            var late = false
            while let outcome = await group.next() {
                switch outcome {
                case .ended(.failure(let error)) where late:
                    return .failure(
                        DomainError(.deadlineExceeded, "\(what) took longer than \(duration): \(error.message)"))
                case .ended(let result):
                    group.cancelAll()
                    return result
                case .timeIsUp:
                    late = true
                    group.cancelAll()
                case .timerStopped:
                    continue
                }
            }
            return .failure(DomainError(.internal, "\(what) ended without an outcome"))
        }
        return try result.get()
    }
}

private enum Outcome<Value: Sendable>: Sendable {
    case ended(Result<Value, DomainError>)
    case timeIsUp
    case timerStopped
}
