/// Removes cgroups beside the event loop: a process that was killed is not gone at once, and a directory with processes stays.
struct CgroupRemoval {
    let loop: EventLoop

    /// How long killed processes are waited for.
    static let limit: Int64 = 5_000_000_000

    /// Kills what is in the cgroup and removes it; `completion` with true when it is gone, with false when it is not after `limit`.
    func kill(_ cgroup: AppCgroup, _ completion: @escaping (Bool) -> Void) {
        attempt(
            until: Clock.monotonic() + Self.limit, after: 1_000_000, { cgroup.remove() }, { cgroup.kill() }, completion)
    }

    /// The same; `remove` says whether it is gone.
    func kill(_ cgroup: AppCgroup, removing remove: @escaping () -> Bool, _ completion: @escaping (Bool) -> Void) {
        attempt(until: Clock.monotonic() + Self.limit, after: 1_000_000, remove, { cgroup.kill() }, completion)
    }

    private func attempt(
        until deadline: Int64, after delay: Int64, _ remove: @escaping () -> Bool, _ kill: @escaping () -> Void,
        _ completion: @escaping (Bool) -> Void
    ) {
        if remove() { return completion(true) }
        guard Clock.monotonic() < deadline else { return completion(false) }
        kill()
        loop.after(delay) { [self] in
            attempt(until: deadline, after: min(delay * 2, 100_000_000), remove, kill, completion)
        }
    }

    /// Removes the cgroup once its processes have ended by themselves, however long that takes; `isWanted` false gives up.
    func whenEmpty(
        after delay: Int64 = 20_000_000, isWanted: @escaping () -> Bool, removing remove: @escaping () -> Bool
    ) {
        guard isWanted(), !remove() else { return }
        loop.after(delay) { [self] in
            whenEmpty(after: min(delay * 2, 10_000_000_000), isWanted: isWanted, removing: remove)
        }
    }
}
