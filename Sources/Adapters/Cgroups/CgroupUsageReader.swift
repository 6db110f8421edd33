import ByteText
import Domain
import Glibc

/// Reads what cgroups use, in whichever hierarchies the host has: version 2, version 1, or both side by side.
///
/// The files are the kernel's and answer from memory: they are read where the caller runs.
package struct CgroupUsageReader: ResourceUsage {
    private let root: String
    private let clock: any WallClock

    /// - Parameter root: where the hierarchies are mounted.
    package init(root: String = "/sys/fs/cgroup", clock: any WallClock) {
        self.root = root
        self.clock = clock
    }

    package func usage(ofCgroup cgroup: String) async throws(DomainError) -> CgroupUsage? {
        guard cgroup.begins(with: "/"), !cgroup.hasParentStep else {
            throw DomainError(.internal, "cgroup \"\(cgroup)\" is no absolute path: the engine's record is wrong")
        }
        let at = clock.now()
        let (cpu, memory) = isUnified ? unified(root + cgroup) : legacy(cgroup)
        return cpu == nil && memory == nil ? nil : CgroupUsage(at: at, cpu: cpu, memory: memory)
    }

    /// Only the root of version 2 has this file.
    private var isUnified: Bool { access(root + "/cgroup.controllers", F_OK) == 0 }

    private func unified(_ directory: String) -> (cpu: UInt64?, memory: MemoryUsage?) {
        let cpu = CgroupFile.table(directory + "/cpu.stat")["usage_usec"].map { $0.multipliedSaturating(by: 1000) }
        guard let usage = CgroupFile.number(directory + "/memory.current") else { return (cpu, nil) }
        let stat = CgroupFile.table(directory + "/memory.stat")
        return (
            cpu,
            memory(
                usage: usage, inactive: stat["inactive_file"], rss: stat["anon"], faults: stat["pgfault"],
                major: stat["pgmajfault"], limit: CgroupFile.number(directory + "/memory.max"))
        )
    }

    private func legacy(_ cgroup: String) -> (cpu: UInt64?, memory: MemoryUsage?) {
        let cpu = ["cpuacct", "cpu,cpuacct", "cpu"].lazy
            .compactMap { CgroupFile.number("\(root)/\($0)\(cgroup)/cpuacct.usage") }.first
        let directory = "\(root)/memory\(cgroup)"
        guard let usage = CgroupFile.number(directory + "/memory.usage_in_bytes") else { return (cpu, nil) }
        let stat = CgroupFile.table(directory + "/memory.stat")
        return (
            cpu,
            memory(
                usage: usage, inactive: stat["total_inactive_file"], rss: stat["total_rss"],
                faults: stat["total_pgfault"], major: stat["total_pgmajfault"],
                limit: stat["hierarchical_memory_limit"])
        )
    }

    private func memory(
        usage: UInt64, inactive: UInt64?, rss: UInt64?, faults: UInt64?, major: UInt64?, limit: UInt64?
    ) -> MemoryUsage {
        // Version 1 writes "no limit" as the highest multiple of a page; no machine has an exbibyte.
        let limit = limit.flatMap { $0 < 1 << 60 ? $0 : nil }
        return MemoryUsage(
            usage: usage, workingSet: usage - min(usage, inactive ?? 0), rss: rss ?? 0, pageFaults: faults ?? 0,
            majorPageFaults: major ?? 0, limit: limit)
    }
}
