import ByteText
import Dispatch
import Domain
import Glibc

/// Reads what cgroups use, in whichever hierarchies the host has (version 2, version 1, or both side by side), and the counters of network
/// namespaces. All of it on a thread of its own.
package final class CgroupUsageReader: ResourceUsage {
    let root: String
    private let processes: String
    private let clock: any WallClock
    private let thread: ReadingThread

    /// - Parameters:
    ///   - root: where the hierarchies are mounted.
    ///   - processes: where procfs is.
    ///   - limit: how long the kernel may take over one cgroup.
    package init(
        root: String = "/sys/fs/cgroup", processes: String = "/proc", clock: any WallClock,
        limit: DispatchTimeInterval = .seconds(1)
    ) {
        self.root = root
        self.processes = processes
        self.clock = clock
        thread = ReadingThread(limit: limit)
    }

    package func usages(of cgroups: [String]) async -> [Reading<CgroupUsage>] {
        await read(cgroups) { [self] cgroup in usage(of: cgroup) }
    }

    package func details(of cgroups: [String], files: Bool) async -> [Reading<CgroupDetails>] {
        let more = CgroupDetailsReader(root: root, processes: files ? processes : nil)
        return await read(cgroups) { [self] cgroup in
            usage(of: cgroup).flatMap { isUnified ? more.unified($0, cgroup) : more.legacy($0, cgroup) }
        }
    }

    private func usage(of cgroup: String) -> CgroupUsage? { isUnified ? unified(cgroup) : legacy(cgroup) }

    /// - Parameter body: nil: there is no such cgroup.
    private func read<Value: Sendable>(
        _ cgroups: [String], _ body: @escaping @Sendable (String) -> Value?
    ) async -> [Reading<Value>] {
        await thread.read(cgroups) { cgroup in
            if cgroup.isEmpty { return .gone }
            guard cgroup.isAbsolutePath, !cgroup.hasParentStep else {
                return .failed(
                    DomainError(
                        .internal, "cgroup \(cgroup.onOneLine) is no absolute path: the engine's record is wrong"))
            }
            return body(cgroup).map(Reading.value) ?? .gone
        }
    }

    package func networks(of places: [NetworkPlace]) async -> [Reading<NetworkUsage>] {
        let namespaces = NetworkReader(processes: processes, clock: clock)
        let byName = Dictionary(places.map { ($0.namespace, $0) }, uniquingKeysWith: { first, _ in first })
        return await thread.read(places.map(\.namespace)) { name in
            byName[name].flatMap(namespaces.read).map(Reading.value) ?? .gone
        }
    }

    /// Only the root of version 2 has this file.
    private var isUnified: Bool { access(root + "/cgroup.controllers", F_OK) == 0 }

    private func unified(_ cgroup: String) -> CgroupUsage? {
        guard let directory = CgroupDirectory(root + cgroup) else { return nil }
        var usage = CgroupUsage(at: clock.now())
        usage.cpu = directory.numbers("cpu.stat", ["usage_usec"])[0].map { $0.multipliedSaturating(by: 1000) }
        if let current = directory.number("memory.current") {
            let stat = directory.numbers("memory.stat", ["inactive_file", "anon", "pgfault", "pgmajfault"])
            usage.memory = memory(current, stat, limit: directory.number("memory.max"))
        }
        if let swap = directory.number("memory.swap.current") {
            usage.swap = SwapUsage(
                usage: swap, available: directory.number("memory.swap.max").map { $0 - min($0, swap) })
        }
        usage.tasks = directory.number("pids.current")
        usage.pressure = pressures(directory)
        // What was removed meanwhile has told half of it.
        return directory.isThere ? usage : nil
    }

    private func legacy(_ cgroup: String) -> CgroupUsage? {
        var usage = CgroupUsage(at: clock.now())
        usage.cpu = first(["cpuacct", "cpu,cpuacct", "cpu"], cgroup) { $0.number("cpuacct.usage") }
        let hasMemory = first(["memory"], cgroup) { directory in
            guard let current = directory.number("memory.usage_in_bytes") else { return true }
            let stat = directory.numbers(
                "memory.stat",
                ["total_inactive_file", "total_rss", "total_pgfault", "total_pgmajfault", "total_swap"])
            usage.memory = memory(current, stat, limit: directory.number("memory.limit_in_bytes").flatMap(Self.limit))
            usage.swap = stat[4].map { swap in
                // The limit is that of memory and swap together.
                let limit = directory.number("memory.memsw.limit_in_bytes").flatMap(Self.limit)
                let both = current.addingSaturating(swap)
                return SwapUsage(usage: swap, available: limit.map { $0 - min($0, both) })
            }
            return directory.isThere
        }
        usage.tasks = first(["pids"], cgroup) { $0.number("pids.current") }
        if let pressure = first(["unified"], cgroup, { pressures($0) }) { usage.pressure = pressure }
        if hasMemory == nil, usage.cpu == nil { return uncounted(cgroup) }
        return hasMemory ?? (usage.cpu != nil) ? usage : nil
    }

    /// Of a cgroup that systemd's own hierarchy alone has.
    private func uncounted(_ cgroup: String) -> CgroupUsage? {
        first(["systemd"], cgroup) { directory in
            ProcessUsage(processes: processes).read(directory.processes, at: clock.now())
        }
    }

    /// Of the first of these hierarchies that has the cgroup, and in it the answer.
    private func first<Value>(
        _ hierarchies: [String], _ cgroup: String, _ body: (borrowing CgroupDirectory) -> Value?
    ) -> Value? {
        for hierarchy in hierarchies {
            if let directory = CgroupDirectory("\(root)/\(hierarchy)\(cgroup)"), let value = body(directory) {
                return value
            }
        }
        return nil
    }

    private func pressures(_ directory: borrowing CgroupDirectory) -> Pressures {
        Pressures(
            cpu: directory.pressure("cpu.pressure"), memory: directory.pressure("memory.pressure"),
            io: directory.pressure("io.pressure"))
    }

    /// - Parameter stat: inactive file pages, anonymous memory, faults, major faults.
    private func memory(_ usage: UInt64, _ stat: [UInt64?], limit: UInt64?) -> MemoryUsage {
        MemoryUsage(
            usage: usage, workingSet: usage - min(usage, stat[0] ?? 0), rss: stat[1] ?? 0, pageFaults: stat[2] ?? 0,
            majorPageFaults: stat[3] ?? 0, limit: limit)
    }

    /// Version 1 writes "no limit" as the highest multiple of a page; no machine has an exbibyte.
    private static func limit(_ number: UInt64) -> UInt64? { number < 1 << 60 ? number : nil }
}
