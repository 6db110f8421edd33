import Domain
import Testing

// Waits for a state that another task is about to reach; each look lets the others run.

extension InFlight {
    /// Returns once this many callers are seated, waiters for an end included.
    func callers(_ count: Int) async {
        while seated < count { await Task.yield() }
    }

    /// Returns once no flight's key matches.
    func gone(_ matches: @Sendable (Key) -> Bool) async {
        while !keys.filter(matches).isEmpty { await Task.yield() }
    }
}

extension PodLocks {
    /// Returns once this many wait for a pod's lock.
    func queue(_ count: Int, of pod: PodID) async {
        while (waiters(pod) ?? 0) < count { await Task.yield() }
    }
}
