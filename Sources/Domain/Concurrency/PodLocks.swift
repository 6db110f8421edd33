import Synchronization

/// One lock per pod, first come first served, for the steps that change a pod.
///
/// What must always hold: a waiter whose task is cancelled leaves the queue at once and never owns the lock; the lock of a pod that
/// nobody holds takes no memory; nobody holds two locks. Never hold it over a pull.
package final class PodLocks: Sendable {
    private struct Waiter {
        let number: UInt64
        let seat: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// A pod that is in here is locked.
        var queues: [PodID: [Waiter]] = [:]
        var nextNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Runs `body` while nobody else holds this pod's lock.
    ///
    /// - Throws: `cancelled` when the task is cancelled while it waits; what `body` throws.
    package func withLock<Value>(
        _ pod: PodID, _ body: () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await acquire(pod)
        defer { release(pod) }
        return try await body()
    }

    /// Takes the lock; ``release(_:)`` must follow. Prefer ``withLock(_:_:)``.
    package func acquire(_ pod: PodID) async throws(DomainError) {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let acquired = await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let early = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    guard state.queues[pod] != nil else {
                        state.queues[pod] = []
                        return true
                    }
                    state.queues[pod]?.append(Waiter(number: number, seat: seat))
                    return nil
                }
                if let early { seat.resume(returning: early) }
            }
        } onCancel: {
            let seat = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let place = state.queues[pod]?.firstIndex(where: { $0.number == number }) else { return nil }
                return state.queues[pod]?.remove(at: place).seat
            }
            seat?.resume(returning: false)
        }
        if !acquired {
            throw DomainError(
                .cancelled, "pod \(pod): the caller left while it waited for another operation on this pod")
        }
    }

    /// Hands the lock to whoever waited longest.
    package func release(_ pod: PodID) {
        let next = state.withLock { state -> Waiter? in
            guard let queue = state.queues[pod], !queue.isEmpty else {
                state.queues[pod] = nil
                return nil
            }
            return state.queues[pod]?.removeFirst()
        }
        next?.seat.resume(returning: true)
    }

    /// How many wait for a pod's lock; nil when it is free.
    package func waiters(_ pod: PodID) -> Int? {
        state.withLock { $0.queues[pod]?.count }
    }
}
