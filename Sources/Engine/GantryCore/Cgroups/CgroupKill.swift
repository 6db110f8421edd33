import ByteText
import CGantry
import Glibc

/// Ends every process below some cgroup directories, except this process and what shares a cgroup with it or is above it (systemd runs
/// a clean-up inside the unit that it cleans).
package struct CgroupKill {
    private let directories: [String]
    private let spared: Set<String>
    private let freezer: String?

    /// - Parameter directories: absolute, one for each hierarchy.
    package init(directories: [String], layout: CgroupLayout) {
        self.directories = directories
        var spared: Set<String> = []
        for hierarchy in layout.hierarchies {
            var directory = hierarchy.directory(hierarchy.ownPath)
            while directory.utf8.count >= hierarchy.mountPoint.utf8.count {
                spared.insert(directory)
                guard let (parent, _) = directory.cutLast(at: "/") else { break }
                directory = String(parent)
            }
        }
        self.spared = spared
        freezer = layout.hierarchy(of: "freezer")?.mountPoint
    }

    /// How long one round's processes are waited for before the next, in nanoseconds: what somebody freezes meanwhile has to be thawed again.
    private static let slice: Int64 = 100_000_000
    /// The same for a round in which nothing was thawed.
    private static let shortSlice: Int64 = 20_000_000

    /// How long a subtree may take to freeze, in nanoseconds.
    private static let patience: Int64 = 10_000_000

    /// Kills until nothing is left.
    /// - Parameter timeout: nanoseconds.
    /// - Returns: whether there was anything to kill.
    /// - Throws: `deadline`, naming a process that does not die (it waits for a device or a file server, say).
    @discardableResult
    package func run(timeout: Int64 = 10_000_000_000) throws(EngineError) -> Bool {
        let deadline = Clock.monotonic() + timeout
        var any = false
        while true {
            let isFirst = !any
            let victims = isFirst ? firstRound() : nextRound()
            guard let first = victims.first else { return any }
            any = true
            let next = min(Clock.monotonic() + (isFirst ? Self.shortSlice : Self.slice), deadline)
            guard waitForAll(victims.map(\.pidfd), until: next) || Clock.monotonic() < deadline else {
                throw EngineError(
                    .deadline, "kill the processes below \(directories.first ?? "?"): process \(first.pid) does not end"
                )
            }
        }
    }

    /// One round, for callers that must not wait and come again.
    func signalOnce() { round(patience: 0) }

    // To freeze a subtree takes milliseconds where a process in it is about to end, which is the rule here. It is for what moves, or forks, while
    // it is listed: a directory without any below has one place to be in, and what is there mostly dies of the first signal.

    private func firstRound() -> [Victim] {
        guard let tops = flatTops else { return round(patience: Self.patience) }
        let victims = victims(below: tops)
        for victim in victims { _ = gantry_pidfd_signal(victim.pidfd.raw, SIGKILL) }
        return victims
    }

    private func nextRound() -> [Victim] {
        if let tops = flatTops, tops.allSatisfy({ CgroupProcesses.direct($0).isEmpty }) { return [] }
        return round(patience: Self.patience)
    }

    /// Nil where there are directories below, or nothing that freezes: v2 kills at once what is below, too.
    private var flatTops: [String]? {
        guard freezer != nil else { return nil }
        let tops = directories.flatMap(unsparedTops)
        return tops.allSatisfy { CgroupProcesses.subdirectories($0).isEmpty } ? tops : nil
    }

    private struct Victim {
        let pid: pid_t
        let pidfd: Descriptor
    }

    /// SIGKILL to everything. v2 kills a whole subtree at once, also one that forks faster than it can be listed; on v1 it is frozen while it is
    /// listed and signalled.
    /// - Parameter patience: how long to wait for a subtree to freeze, in nanoseconds. What is not frozen is killed all the same.
    @discardableResult
    private func round(patience: Int64) -> [Victim] {
        let tops = directories.flatMap(unsparedTops)
        for top in tops { try? Files.write(top + "/cgroup.kill", "1") }
        let freezable = tops.filter(isFreezable)
        freeze(freezable, patience: patience)
        let victims = victims(below: tops)
        for victim in victims { _ = gantry_pidfd_signal(victim.pidfd.raw, SIGKILL) }
        for top in tops { thaw(top) }
        release(victims, below: freezable)
        return victims
    }

    /// A cgroup above that is frozen stays so. On v1 nothing in it dies: what has been killed goes on at the freezer's root, which is to its end.
    private func release(_ victims: [Victim], below tops: [String]) {
        guard let freezer, !victims.isEmpty else { return }
        let held = tops.flatMap(CgroupProcesses.tree).filter { directory in
            // Thawed itself a moment ago: it is frozen from above.
            (try? Files.readText(directory + "/freezer.state", limit: 64))?.begins(with: "FR") == true
        }
        for directory in held {
            let members = Set(CgroupProcesses.direct(directory))
            for victim in victims where members.contains(victim.pid) {
                try? Files.write("\(freezer)/cgroup.procs", "\(victim.pid)")
            }
        }
    }

    /// Also what somebody else froze, at any depth: a frozen process of v1 does not die, and a parent's thaw leaves a child's own freeze in force.
    private func thaw(_ top: String) {
        for directory in CgroupProcesses.tree(top) {
            for (name, word) in [("freezer.state", "THAWED"), ("cgroup.freeze", "0")] {
                let file = "\(directory)/\(name)"
                if Files.exists(file) { try? Files.write(file, word) }
            }
        }
    }

    /// The highest directories that are to be emptied whole.
    private func unsparedTops(_ directory: String) -> [String] {
        guard spared.contains(directory) else { return [directory] }
        return CgroupProcesses.subdirectories(directory).flatMap { unsparedTops("\(directory)/\($0)") }
    }

    // A number read from cgroup.procs may belong to another process a moment later: the descriptor is opened first, and then the process
    // must still be listed. Two listings, however many processes there are.
    private func victims(below tops: [String]) -> [Victim] {
        let all = tops.flatMap { CgroupProcesses.tree($0) }
        var opened: [pid_t: Descriptor] = [:]
        for pid in Set(all.flatMap(CgroupProcesses.direct)) where pid != getpid() {
            let pidfd = gantry_pidfd_open(pid)
            if pidfd >= 0 { opened[pid] = Descriptor(owning: pidfd) }
        }
        guard !opened.isEmpty else { return [] }
        let still = Set(all.flatMap(CgroupProcesses.direct))
        return opened.filter { still.contains($0.key) }.map { Victim(pid: $0.key, pidfd: $0.value) }
    }

    private func isFreezable(_ directory: String) -> Bool {
        guard let freezer else { return false }
        return directory.begins(with: freezer + "/") && Files.exists(directory + "/freezer.state")
    }

    private func freeze(_ directories: [String], patience: Int64) {
        let deadline = Clock.monotonic() + patience
        for directory in directories { try? Files.write(directory + "/freezer.state", "FROZEN") }
        for directory in directories {
            // The kernel has no event for "all frozen"; it takes microseconds.
            while let state = try? Files.readText(directory + "/freezer.state"), !state.begins(with: "FROZEN"),
                Clock.monotonic() < deadline
            {
                usleep(100)
            }
        }
    }

    private func waitForAll(_ pidfds: [Descriptor], until deadline: Int64) -> Bool {
        for pidfd in pidfds {
            var polled = pollfd(fd: pidfd.raw, events: Int16(POLLIN), revents: 0)
            while true {
                let left = deadline - Clock.monotonic()
                guard left > 0 else { return false }
                if poll(&polled, 1, Int32(clamping: left / 1_000_000 + 1)) > 0 { break }
            }
        }
        return true
    }
}
