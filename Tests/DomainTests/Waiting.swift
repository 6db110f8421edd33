import Domain
import Waiting

// Waits for a state that another task is about to reach; each look lets the others run.

extension InFlight {
    /// Returns once this many callers are seated, waiters for an end included.
    func callers(_ count: Int) async throws {
        try await until("\(count) callers seated") { seated >= count }
    }

    /// Returns once no flight's key matches.
    func gone(_ matches: @Sendable (Key) -> Bool) async throws {
        try await until("the end of flights, of \(keys)") { keys.filter(matches).isEmpty }
    }
}

extension PodLocks {
    /// Returns once this many wait for a pod's lock.
    func queue(_ count: Int, of pod: PodID) async throws {
        try await until("\(count) who wait for the lock of \(pod)") { (waiters(pod) ?? 0) >= count }
    }
}
