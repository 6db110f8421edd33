import Synchronization

/// Work that is done once however many ask for it ("single flight").
///
/// A key is in one of three states:
///
/// - **absent**: nobody does it. The first caller starts a flight.
/// - **running**: the work runs in a task of its own. A caller with an equal request joins and gets the same result; one with
///   another request is refused by `conflict`, at once. A caller whose task is cancelled leaves; what happens when the last one
///   has left is the ``WhenAbandoned`` policy: the flight either goes on (and can be joined again), or becomes:
/// - **abandoned**: the work was told to cancel and is undoing what it did. Nobody joins it any more: newcomers wait for its end
///   and then start anew.
///
/// What must always hold: at most one task per key; every caller is resumed exactly once; the tasks are this object's own, and
/// ``drain(cancelling:)`` waits for the last of them.
package final class InFlight<Key: Hashable & Sendable, Request: Equatable & Sendable, Value: Sendable>: Sendable {
    /// What becomes of work that nobody waits for any more.
    package enum WhenAbandoned: Sendable {
        /// It is cancelled, and undoes what it did.
        case cancel
        /// It goes on: half of it would be worse than all of it.
        case finish
    }

    private enum Attendance: Sendable {
        case ended(Result<Value, DomainError>)
        case refused(DomainError)
        case again
        case left
    }

    private typealias Seat = CheckedContinuation<Attendance, Never>

    private struct Flight {
        let number: UInt64
        let request: Request
        let task: Task<Void, Never>
        var abandoned = false
        /// Those who get the result.
        var callers: [UInt64: Seat] = [:]
        /// Those who only wait for the end.
        var waiters: [UInt64: Seat] = [:]
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var nextNumber: UInt64 = 0

        mutating func number() -> UInt64 {
            nextNumber += 1
            return nextNumber
        }
    }

    private let whenAbandoned: WhenAbandoned
    private let state = Mutex(State())

    package init(whenAbandoned: WhenAbandoned) {
        self.whenAbandoned = whenAbandoned
    }

    /// Does `work`, or waits for the flight that does the same.
    ///
    /// - Parameters:
    ///   - request: what makes two calls with one key the same call.
    ///   - conflict: the error for a caller whose request differs from the one in flight.
    /// - Throws: the work's own error; `cancelled` when the calling task is cancelled, which does not wait for any undo.
    package func run(
        _ key: Key, request: Request, conflict: @Sendable (Request) -> DomainError,
        work: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        while true {
            switch await attend(key, request: request, conflict: conflict, work: work) {
            case .ended(let result): return try result.get()
            case .refused(let error): throw error
            case .again: continue
            case .left: throw DomainError(.cancelled, "the caller left before the call was done; it can be made again")
            }
        }
    }

    /// Tells the flights whose key matches to cancel; their callers hear the work's own error.
    package func cancel(where matches: (Key) -> Bool) {
        let tasks = state.withLock { state in
            let matching = state.flights.filter { matches($0.key) }
            for key in matching.keys { state.flights[key]?.abandoned = true }
            return matching.values.map(\.task)
        }
        // Outside the lock: cancelling runs other people's handlers.
        for task in tasks { task.cancel() }
    }

    /// The requests in flight and not abandoned, by key.
    package func requests(where matches: (Key) -> Bool) -> [Key: Request] {
        state.withLock { state in
            state.flights.filter { matches($0.key) && !$0.value.abandoned }.mapValues(\.request)
        }
    }

    /// How many calls wait for a result or an end, and what is in flight: for tests and for telling what a daemon is busy with.
    package var seated: Int {
        state.withLock { state in state.flights.values.reduce(0) { $0 + $1.callers.count + $1.waiters.count } }
    }

    package var keys: [Key] { state.withLock { Array($0.flights.keys) } }

    /// Waits until nothing is in flight; with `cancelling`, tells everything to cancel first.
    package func drain(cancelling: Bool) async {
        if cancelling { cancel { _ in true } }
        while let task = state.withLock({ $0.flights.values.first?.task }) { await task.value }
    }

    private func attend(
        _ key: Key, request: Request, conflict: @Sendable (Request) -> DomainError,
        work: @escaping @Sendable () async throws(DomainError) -> Value
    ) async -> Attendance {
        let caller = state.withLock { $0.number() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let early = state.withLock { state -> Attendance? in
                    // A cancellation before this point found no seat to leave; one after it will.
                    if Task.isCancelled { return .left }
                    guard var flight = state.flights[key] else {
                        state.flights[key] = start(key, number: state.number(), request: request, caller, seat, work)
                        return nil
                    }
                    if flight.abandoned {
                        flight.waiters[caller] = seat
                    } else if flight.request == request {
                        flight.callers[caller] = seat
                    } else {
                        return .refused(conflict(flight.request))
                    }
                    state.flights[key] = flight
                    return nil
                }
                if let early { seat.resume(returning: early) }
            }
        } onCancel: {
            leave(key, caller)
        }
    }

    private func start(
        _ key: Key, number: UInt64, request: Request, _ caller: UInt64, _ seat: Seat,
        _ work: @escaping @Sendable () async throws(DomainError) -> Value
    ) -> Flight {
        let task = Task {
            let result = await Result(catching: work)
            land(key, number, result)
        }
        return Flight(number: number, request: request, task: task, callers: [caller: seat])
    }

    private func land(_ key: Key, _ number: UInt64, _ result: Result<Value, DomainError>) {
        let flight = state.withLock { state -> Flight? in
            guard state.flights[key]?.number == number else { return nil }
            return state.flights.removeValue(forKey: key)
        }
        for seat in flight?.callers.values ?? [:].values { seat.resume(returning: .ended(result)) }
        for seat in flight?.waiters.values ?? [:].values { seat.resume(returning: .again) }
    }

    private func leave(_ key: Key, _ caller: UInt64) {
        let (seat, deserted) = state.withLock { state -> (Seat?, Task<Void, Never>?) in
            guard var flight = state.flights[key] else { return (nil, nil) }
            let seat = flight.callers.removeValue(forKey: caller) ?? flight.waiters.removeValue(forKey: caller)
            let deserted = seat != nil && flight.callers.isEmpty && !flight.abandoned && whenAbandoned == .cancel
            if deserted { flight.abandoned = true }
            state.flights[key] = flight
            return (seat, deserted ? flight.task : nil)
        }
        deserted?.cancel()
        seat?.resume(returning: .left)
    }
}

extension InFlight where Request == Bool {
    /// For work that its key describes whole: equal keys are the same request.
    package func run(
        _ key: Key, work: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await run(
            key, request: true, conflict: { _ in DomainError(.internal, "two requests with one key differ") },
            work: work)
    }
}

extension Result where Failure == DomainError, Success: Sendable {
    /// What asynchronous work came to.
    init(catching work: @Sendable () async throws(DomainError) -> Success) async {
        do throws(DomainError) {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
