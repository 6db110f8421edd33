/// Removes cgroups beside the event loop: a process that was killed is not gone at once, and a directory with processes stays. What a
/// container has made in its cgroup may be much.
struct CgroupRemoval {
    let loop: EventLoop
    let work: Offload

    /// What became of one try.
    struct Outcome: Sendable {
        var isGone: Bool
        /// Kernel kills that only this cgroup had counted.
        var kills = 0
    }

    /// How long killed processes are waited for.
    static let limit: Int64 = 5_000_000_000

    /// Kills what is in the cgroup and removes it; `completion` with true when it is gone, with false when it is not after `limit`.
    /// - Parameter worker: whose turn it is.
    /// - Parameter removed: told of each try.
    func kill(
        _ cgroup: AppCgroup, _ worker: Worker,
        counting removed: @escaping (Outcome) -> Void = { _ in }, isWanted: @escaping () -> Bool = { true },
        _ completion: @escaping (Bool) -> Void
    ) {
        let deadline = Clock.monotonic() + Self.limit
        func attempt(after delay: Int64) {
            work.run(worker, "remove a cgroup", { Self.attempt(cgroup, killing: true) }) { outcome in
                removed(outcome)
                if outcome.isGone { return completion(true) }
                guard Clock.monotonic() < deadline, isWanted() else { return completion(false) }
                loop.after(delay) { attempt(after: min(delay * 2, 100_000_000)) }
            }
        }
        attempt(after: 1_000_000)
    }

    /// Removes the cgroup once its processes have ended by themselves, however long that takes; `isWanted` false gives up.
    func whenEmpty(
        _ cgroup: AppCgroup, _ worker: Worker, counting removed: @escaping (Outcome) -> Void,
        isWanted: @escaping () -> Bool
    ) {
        func attempt(after delay: Int64) {
            guard isWanted() else { return }
            work.run(worker, "remove a cgroup", { Self.attempt(cgroup, killing: false) }) { outcome in
                removed(outcome)
                guard !outcome.isGone else { return }
                loop.after(delay) { attempt(after: min(delay * 2, 10_000_000_000)) }
            }
        }
        attempt(after: 20_000_000)
    }

    private static func attempt(_ cgroup: AppCgroup, killing: Bool) -> Outcome {
        let (isGone, kills) = cgroup.removeCounting()
        if !isGone && killing { cgroup.kill() }
        return Outcome(isGone: isGone, kills: kills)
    }
}
