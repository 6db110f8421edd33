import Synchronization

/// The flight recorder: the last calls of both transports, in memory, and those that run.
///
/// What must always hold: it takes no more memory than its limits, whatever is called and however often; recording waits for nobody; calls
/// that ask, go well and are quick have places of their own, so that a kubelet's thousand lists push no failure out.
package final class CallRecorder: Sendable {
    package struct Limits: Sendable {
        /// Calls that changed something, failed or took long.
        package var calls = 2048
        package var bytes = 1 << 20
        /// Those that asked only, went well and were quick.
        package var routineCalls = 1024
        package var routineBytes = 512 << 10
        /// Longer than this is not quick.
        package var quick: Duration = .seconds(1)
        package init() {}
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var calls: CallRing
        var routine: CallRing
        var running: [ObjectIdentifier: RecordedCall] = [:]
        var followers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var lastFollower: UInt64 = 0
    }

    private let quick: Duration
    private let podOf: @Sendable (String) -> String?
    private let report: @Sendable (CallOutcome, () -> CallRecord) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - podOf: the pod of a container, by their whole ids.
    ///   - ended: hears of every call at its end, on the call's own task: it must not block. The record is a copy, made where it is asked for.
    package init(
        limits: Limits = Limits(), podOf: @escaping @Sendable (String) -> String? = { _ in nil },
        ended: @escaping @Sendable (CallOutcome, () -> CallRecord) -> Void = { _, _ in }
    ) {
        quick = limits.quick
        self.podOf = podOf
        report = ended
        state = Mutex(
            State(
                calls: CallRing(most: limits.calls, mostBytes: limits.bytes),
                routine: CallRing(most: limits.routineCalls, mostBytes: limits.routineBytes)))
    }

    // MARK: Recording

    /// A call has come; ``end(_:code:hasFailed:error:)`` must follow.
    ///
    /// - Parameters:
    ///   - onlyAsks: it changes nothing.
    ///   - traceparent: as the caller sent it.
    package func begin(
        _ transport: CallRecord.Transport, _ method: String, onlyAsks: Bool, traceparent: String?
    ) -> RecordedCall {
        let call = RecordedCall(transport, method: method, onlyAsks: onlyAsks, traceparent: traceparent, podOf: podOf)
        state.withLock { $0.running[ObjectIdentifier(call)] = call }
        return call
    }

    /// It has ended.
    ///
    /// - Parameters:
    ///   - error: empty when all went well.
    ///   - isOfNote: false for a failure that strangers can cause at will: it has the place of what is routine.
    package func end(
        _ call: RecordedCall, code: String, hasFailed: Bool, error: String, isOfNote: Bool = true
    ) {
        let duration = ContinuousClock.now - call.start
        let isRoutine = !isOfNote || (call.onlyAsks && !hasFailed && duration < quick)
        let error = error.isEmpty ? "" : KeptText.error(error)
        let followers = state.withLock { state -> [AsyncStream<Void>.Continuation]? in
            state.running[ObjectIdentifier(call)] = nil
            let end = RecordedCall.End(
                number: state.lastNumber + 1, duration: duration, code: code, hasFailed: hasFailed, error: error,
                isRoutine: isRoutine)
            guard call.end(end) else { return nil }
            state.lastNumber += 1
            if isRoutine { state.routine.add(call) } else { state.calls.add(call) }
            return state.followers.isEmpty ? [] : Array(state.followers.values)
        }
        guard let followers else { return }
        for follower in followers { follower.yield() }
        let outcome = CallOutcome(
            transport: call.transport, code: code, hasFailed: hasFailed, onlyAsks: call.onlyAsks, isRoutine: isRoutine)
        report(outcome) { call.record(at: .now) }
    }

    // MARK: Reading

    /// The number of the call that ended last.
    package var lastNumber: UInt64 { state.withLock { $0.lastNumber } }

    /// What is kept of the calls that ended after another one, the oldest first.
    ///
    /// - Parameter routine: also those that asked only, went well and were quick.
    /// - Returns: `hasGap`: there were more of them, which had to make room; `last`: the number of the newest of all calls.
    package func ended(
        after number: UInt64, routine: Bool
    ) -> (calls: [CallRecord], hasGap: Bool, last: UInt64) {
        let (kept, hasGap, last) = state.withLock { state in
            var kept = state.calls.calls(after: number)
            var lost = state.calls.lastLost
            if routine {
                kept += state.routine.calls(after: number)
                lost = max(lost, state.routine.lastLost)
            }
            return (kept, lost > number, state.lastNumber)
        }
        let now = ContinuousClock.now
        let records = kept.map { $0.record(at: now) }
        return (routine ? records.sorted { $0.number < $1.number } : records, hasGap, last)
    }

    /// The calls that are being served, the oldest first.
    package var running: [CallRecord] {
        let running = state.withLock { Array($0.running.values) }
        let now = ContinuousClock.now
        return running.map { $0.record(at: now) }.sorted { $0.startedAt < $1.startedAt }
    }

    /// Yields after calls that ended, and at each ``wake()``; several of them may be one.
    package func wakeups() -> AsyncStream<Void> {
        let (stream, follower) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastFollower += 1
            state.followers[state.lastFollower] = follower
            return state.lastFollower
        }
        follower.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Wakes all who wait for news, so that they give a sign of life.
    package func wake() {
        for follower in state.withLock({ Array($0.followers.values) }) { follower.yield() }
    }

    package var followerCount: Int { state.withLock { $0.followers.count } }

    /// What the kept calls take in memory, about, in bytes.
    package var bytes: Int { state.withLock { $0.calls.bytes + $0.routine.bytes } }
}
