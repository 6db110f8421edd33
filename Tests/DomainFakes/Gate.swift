import Domain
import Synchronization

/// Holds calls until it is opened, and lets a test wait until calls are held: in place of sleeps.
package final class Gate: Sendable {
    private struct State {
        var open = false
        var arrivals = 0
        var held: [Int: CheckedContinuation<Bool, Never>] = [:]
        var watchers: [(arrivals: Int, seat: CheckedContinuation<Void, Never>)] = []
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

    /// Waits until this many calls have come to the gate.
    package func arrival(_ count: Int = 1) async {
        await withCheckedContinuation { seat in
            let there = state.withLock { state in
                if state.arrivals >= count { return true }
                state.watchers.append((count, seat))
                return false
            }
            if there { seat.resume() }
        }
    }

    private func arrive() -> Int {
        let (number, watchers) = state.withLock { state in
            state.arrivals += 1
            let ready = state.watchers.filter { $0.arrivals <= state.arrivals }
            state.watchers.removeAll { $0.arrivals <= state.arrivals }
            return (state.arrivals, ready)
        }
        for watcher in watchers { watcher.seat.resume() }
        return number
    }
}
