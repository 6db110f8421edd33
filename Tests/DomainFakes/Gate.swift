import Domain
import Synchronization

/// Holds calls until it is opened, and lets a test wait until calls are held: in place of sleeps.
package final class Gate: Sendable {
    private struct State {
        var open = false
        var arrivals = 0
        var held: [Int: CheckedContinuation<Bool, Never>] = [:]
        var watchers: [Int: (arrivals: Int, seat: CheckedContinuation<Void, Never>)] = [:]
        var lastWatcher = 0
    }

    private let state = Mutex(State())
    private let heedsCancellation: Bool

    /// - Parameter heedsCancellation: false for a port that does not notice that its task was cancelled.
    package init(heedsCancellation: Bool = true) {
        self.heedsCancellation = heedsCancellation
    }

    /// Waits until the gate is open; throws `cancelled` when the task is.
    package func pass() async throws(DomainError) {
        let number = arrive()
        let passed = await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let early = state.withLock { state -> Bool? in
                    if state.open { return true }
                    if heedsCancellation, Task.isCancelled { return false }
                    state.held[number] = seat
                    return nil
                }
                if let early { seat.resume(returning: early) }
            }
        } onCancel: {
            guard heedsCancellation else { return }
            state.withLock { $0.held.removeValue(forKey: number) }?.resume(returning: false)
        }
        if !passed { throw DomainError(.cancelled, "the port call was cancelled") }
    }

    /// Lets through whoever is held, and everyone after.
    package func open() {
        let held = state.withLock { state in
            state.open = true
            defer { state.held = [:] }
            return state.held
        }
        for seat in held.values { seat.resume(returning: true) }
    }

    /// Waits until this many calls have come to the gate, or the test's time is up.
    package func arrival(_ count: Int = 1) async {
        let number = state.withLock { state in
            state.lastWatcher += 1
            return state.lastWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let isOver = state.withLock { state in
                    if state.arrivals >= count || Task.isCancelled { return true }
                    state.watchers[number] = (count, seat)
                    return false
                }
                if isOver { seat.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: number) }?.seat.resume()
        }
    }

    private func arrive() -> Int {
        let (number, watchers) = state.withLock { state in
            state.arrivals += 1
            let ready = state.watchers.filter { $0.value.arrivals <= state.arrivals }
            for number in ready.keys { state.watchers[number] = nil }
            return (state.arrivals, ready.values)
        }
        for watcher in watchers { watcher.seat.resume() }
        return number
    }
}
