import Synchronization

/// Work that is done once however many ask for it ("single flight").
///
/// A key is in one of these states:
///
/// - **absent**: nobody does it. The first caller starts a flight.
/// - **running**: the work runs in a task of its own. A caller with an equal request joins and gets the same result; one with
///   another request is refused by `conflict`, at once. A caller whose task is cancelled leaves; what happens when the last one
///   has left is the ``WhenAbandoned`` policy: the flight goes on (and can be joined again), lingers, or becomes abandoned.
/// - **lingering**: its callers' deadline passed, so that they are expected again; it goes on and can be joined. When nobody came
///   in time it becomes abandoned.
/// - **abandoned**: the work was told to cancel, or has failed, and is undoing what it did. Nobody joins it any more: newcomers wait
///   for its end and then start anew.
///
/// What must always hold: at most one task per key; every caller is resumed exactly once; the tasks are this object's own, and
/// ``drain(cancelling:)`` waits for the last of them.
package final class InFlight<Key: Hashable & Sendable, Request: Equatable & Sendable, Value: Sendable>: Sendable {
    package typealias Work = @Sendable () async throws(DomainError) -> Value

    private typealias Seat = CheckedContinuation<Attendance, Never>

    private enum Attendance: Sendable {
        case ended(Result<Value, DomainError>)
        case refused(DomainError)
        case again
        case left
    }

    private struct Flight {
        let number: UInt64
        let request: Request
        let task: Task<Void, Never>
        var abandoned = false
        /// Nobody has asked for it, see ``occupy(_:request:work:)``.
        var isUnasked = false
        /// Those who get the result.
        var callers: [UInt64: Seat] = [:]
        /// Those who only wait for the end.
        var waiters: [UInt64: Seat] = [:]
        /// Counts down while it lingers.
        var linger: Task<Void, Never>?

        mutating func endLinger() {
            linger?.cancel()
            linger = nil
        }
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
        _ key: Key, request: Request, conflict: @Sendable (Request) -> DomainError, work: @escaping Work
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

    /// Waits for a flight that is running; starts none.
    ///
    /// - Returns: nil when there is none, or one that is abandoned.
    package func join(_ key: Key) async throws(DomainError) -> Value? {
        switch await attend(key, request: nil, conflict: { _ in DomainError(.internal, "no request") }, work: nil) {
        case .ended(let result): return try result.get()
        case .refused(let error): throw error
        case .again: return nil
        case .left: throw DomainError(.cancelled, "the caller left before the call was done; it can be made again")
        }
    }

    /// Starts a flight that nobody waits for and nobody joins: who wants the key waits for its end.
    ///
    /// - Returns: false when the key has a flight already; nothing is started then.
    @discardableResult
    package func occupy(_ key: Key, request: Request, work: @escaping Work) -> Bool {
        state.withLock { state in
            guard state.flights[key] == nil else { return false }
            var flight = start(key, number: state.number(), request: request, abandoned: true, work)
            flight.isUnasked = true
            state.flights[key] = flight
            return true
        }
    }

    /// For the work of a flight: what answers those who wait for it, before its end, when it has failed and undoes what it did.
    package func earlyFailure(of key: Key) -> @Sendable (DomainError) -> Void {
        let number = state.withLock { $0.flights[key]?.number }
        return { [self] error in fail(key, number, with: error) }
    }

    private func fail(_ key: Key, _ number: UInt64?, with error: DomainError) {
        let callers = state.withLock { state -> [UInt64: Seat] in
            guard var flight = state.flights[key], flight.number == number else { return [:] }
            defer { state.flights[key] = flight }
            flight.abandoned = true
            flight.endLinger()
            defer { flight.callers = [:] }
            return flight.callers
        }
        for seat in callers.values { seat.resume(returning: .ended(.failure(error))) }
    }

    /// Tells the flights whose key matches to cancel; their callers hear the work's own error.
    package func cancel(where matches: (Key) -> Bool) {
        let tasks = state.withLock { state in
            let matching = state.flights.filter { matches($0.key) }
            for key in matching.keys {
                state.flights[key]?.abandoned = true
                state.flights[key]?.endLinger()
            }
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
    ///
    /// - Parameter askedFor: only for what somebody has asked for.
    package func drain(cancelling: Bool, askedFor: Bool = false) async {
        if cancelling { cancel { _ in true } }
        while let task = state.withLock({ $0.flights.values.first { !askedFor || !$0.isUnasked }?.task }) {
            await task.value
        }
    }

    // MARK: Coming

    private func attend(
        _ key: Key, request: Request?, conflict: @Sendable (Request) -> DomainError, work: Work?
    ) async -> Attendance {
        let caller = state.withLock { $0.number() }
        let deadline = CallDeadline.current
        return await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let early = state.withLock { state -> Attendance? in
                    // A cancellation before this point found no seat to leave; one after it will.
                    if Task.isCancelled { return .left }
                    guard var flight = state.flights[key] else {
                        guard let request, let work else { return .again }
                        var flight = start(key, number: state.number(), request: request, abandoned: false, work)
                        flight.callers[caller] = seat
                        state.flights[key] = flight
                        return nil
                    }
                    if flight.abandoned {
                        if request == nil { return .again }
                        flight.waiters[caller] = seat
                    } else if request == nil || flight.request == request {
                        flight.endLinger()
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
            leave(key, caller, isLate: deadline.hasPassed())
        }
    }

    private func start(
        _ key: Key, number: UInt64, request: Request, abandoned: Bool, _ work: @escaping Work
    ) -> Flight {
        let task = Task {
            let result = await Result(catching: work)
            land(key, number, result)
        }
        return Flight(number: number, request: request, task: task, abandoned: abandoned)
    }

    // MARK: Going

    private func land(_ key: Key, _ number: UInt64, _ result: Result<Value, DomainError>) {
        let flight = state.withLock { state -> Flight? in
            guard state.flights[key]?.number == number else { return nil }
            return state.flights.removeValue(forKey: key)
        }
        flight?.linger?.cancel()
        for seat in flight?.callers.values ?? [:].values { seat.resume(returning: .ended(result)) }
        for seat in flight?.waiters.values ?? [:].values { seat.resume(returning: .again) }
    }

    private func leave(_ key: Key, _ caller: UInt64, isLate: Bool) {
        let (seat, deserted) = state.withLock { state -> (Seat?, Task<Void, Never>?) in
            guard var flight = state.flights[key] else { return (nil, nil) }
            let seat = flight.callers.removeValue(forKey: caller) ?? flight.waiters.removeValue(forKey: caller)
            var deserted: Task<Void, Never>?
            if seat != nil, flight.callers.isEmpty, !flight.abandoned, !whenAbandoned.finishes {
                if isLate, case .linger(let patience) = whenAbandoned {
                    flight.linger = linger(key, flight.number, patience)
                } else {
                    flight.abandoned = true
                    deserted = flight.task
                }
            }
            state.flights[key] = flight
            return (seat, deserted)
        }
        deserted?.cancel()
        seat?.resume(returning: .left)
    }

    private func linger(_ key: Key, _ number: UInt64, _ patience: Patience) -> Task<Void, Never> {
        Task {
            // It fails only when somebody joined, or the flight ended.
            guard (try? await patience.clock.sleep(for: patience.duration)) != nil else { return }
            let deserted = state.withLock { state -> Task<Void, Never>? in
                guard let flight = state.flights[key], flight.number == number, flight.callers.isEmpty,
                    !flight.abandoned
                else { return nil }
                state.flights[key]?.abandoned = true
                return flight.task
            }
            deserted?.cancel()
        }
    }
}

/// What becomes of work that nobody waits for any more.
package enum WhenAbandoned: Sendable {
    /// It is cancelled at once, and undoes what it did.
    case cancel
    /// The same, but when its last caller's deadline had passed, only after a while: that caller is expected again.
    case linger(Patience)
    /// It goes on: half of it would be worse than all of it.
    case finish

    fileprivate var finishes: Bool { if case .finish = self { true } else { false } }
}

/// How long a caller whose deadline passed is expected again, on a clock that tests can turn.
package struct Patience: Sendable {
    let duration: Duration
    let clock: any Clock<Duration>

    package init(_ duration: Duration, on clock: any Clock<Duration>) {
        self.duration = duration
        self.clock = clock
    }
}

extension InFlight where Request == Bool {
    /// For work that its key describes whole: equal keys are the same request.
    package func run(_ key: Key, work: @escaping Work) async throws(DomainError) -> Value {
        try await run(
            key, request: true, conflict: { _ in DomainError(.internal, "two requests with one key differ") },
            work: work)
    }
}

extension Result where Failure == DomainError, Success: Sendable {
    /// What asynchronous work came to.
    package init(catching work: @Sendable () async throws(DomainError) -> Success) async {
        do throws(DomainError) {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
