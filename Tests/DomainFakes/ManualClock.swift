import Domain
import Synchronization

/// A clock that moves when a test says so.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        var offset: Duration
        package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - offset }
        package static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private struct Sleeper {
        var deadline: Instant
        var seat: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [Int: (limit: Duration?, seat: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .nanoseconds(1) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let woken = await withTaskCancellationHandler {
            await withCheckedContinuation { (seat: CheckedContinuation<Bool, Never>) in
                let (early, watchers) = state.withLock { state -> (Bool?, [CheckedContinuation<Void, Never>]) in
                    if Task.isCancelled { return (false, []) }
                    if deadline <= state.now { return (true, []) }
                    state.sleepers[number] = Sleeper(deadline: deadline, seat: seat)
                    let left = state.now.duration(to: deadline)
                    let ready = state.watchers.filter { left <= $0.value.limit ?? left }
                    for number in ready.keys { state.watchers[number] = nil }
                    return (nil, ready.values.map(\.seat))
                }
                for watcher in watchers { watcher.resume() }
                if let early { seat.resume(returning: early) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.seat.resume(returning: false)
        }
        if !woken { throw CancellationError() }
    }

    /// Moves time on, and wakes whose time has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.seat.resume(returning: true) }
    }

    /// Waits until a task sleeps on the clock (with a limit, one that would wake within it), or the test's time is up.
    package func sleeper(within limit: Duration? = nil) async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (seat: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    let found = state.sleepers.values.contains { sleeper in
                        limit.map { state.now.duration(to: sleeper.deadline) <= $0 } ?? true
                    }
                    if found || Task.isCancelled { return true }
                    state.watchers[number] = (limit, seat)
                    return false
                }
                if isOver { seat.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: number) }?.seat.resume()
        }
    }
}
