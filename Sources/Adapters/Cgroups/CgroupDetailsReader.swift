import ByteText
import Domain
import Glibc

/// What metrics have beyond the stats of a cgroup.
struct CgroupDetailsReader {
    /// A container may have made cgroups of its own.
    private static let mostNested = 256

    let root: String
    /// Where procfs is; nil: what processes have open is not asked for.
    let processes: String?

    func unified(_ usage: CgroupUsage, _ cgroup: String) -> CgroupDetails? {
        guard let directory = CgroupDirectory(root + cgroup) else { return nil }
        var details = CgroupDetails(usage: usage)
        let cpu = directory.numbers(
            "cpu.stat", ["user_usec", "system_usec", "nr_periods", "nr_throttled", "throttled_usec"])
        details.userCPU = cpu[0]?.multipliedSaturating(by: 1000)
        details.systemCPU = cpu[1]?.multipliedSaturating(by: 1000)
        details.throttling = throttling(cpu[2], cpu[3], cpu[4]?.multipliedSaturating(by: 1000))
        let memory = directory.numbers("memory.stat", ["file", "file_mapped", "kernel"])
        (details.cache, details.mapped, details.kernel) = (memory[0], memory[1], memory[2])
        details.maxMemory = directory.number("memory.peak")
        let events = directory.numbers("memory.events", ["max", "oom_kill"])
        (details.limitHits, details.outOfMemoryKills) = (events[0], events[1])
        // Version 2 limits swap alone; monitoring knows the limit of both together.
        if let limit = usage.memory?.limit, let swap = directory.number("memory.swap.max") {
            details.swapLimit = limit.addingSaturating(swap)
        }
        details.reservation = directory.number("memory.low") ?? 0
        members(root + cgroup, &details)
        details.tasksLimit = directory.limit("pids.max")
        for size in HugePageSizes.all {
            guard let usage = directory.number("hugetlb.\(size).current") else { break }
            details.hugePages.append(.init(size: size, usage: usage, maxUsage: nil))
        }
        details.devices = directory.text("io.stat").map(BlockDevices.unified) ?? []
        return details
    }

    func legacy(_ usage: CgroupUsage, _ cgroup: String) -> CgroupDetails {
        var details = CgroupDetails(usage: usage)
        if let directory = first(["cpuacct", "cpu,cpuacct"], cgroup) {
            let ticks = directory.numbers("cpuacct.stat", ["user", "system"])
            details.userCPU = ticks[0]?.multipliedSaturating(by: Self.nanosecondsPerTick)
            details.systemCPU = ticks[1]?.multipliedSaturating(by: Self.nanosecondsPerTick)
        }
        if let directory = first(["cpu", "cpu,cpuacct"], cgroup) {
            let stat = directory.numbers("cpu.stat", ["nr_periods", "nr_throttled", "throttled_time"])
            details.throttling = throttling(stat[0], stat[1], stat[2])
        }
        if let directory = first(["memory"], cgroup) {
            let memory = directory.numbers("memory.stat", ["total_cache", "total_mapped_file"])
            (details.cache, details.mapped) = (memory[0], memory[1])
            details.kernel = directory.number("memory.kmem.usage_in_bytes")
            details.maxMemory = directory.number("memory.max_usage_in_bytes")
            details.limitHits = directory.number("memory.failcnt")
            details.outOfMemoryKills = directory.numbers("memory.oom_control", ["oom_kill"])[0]
            details.swapLimit = directory.number("memory.memsw.limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
            details.reservation = directory.number("memory.soft_limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
        }
        for hierarchy in ["pids", "systemd", "memory"] where details.processes == nil {
            members("\(root)/\(hierarchy)\(cgroup)", &details)
        }
        if let directory = first(["pids"], cgroup) { details.tasksLimit = directory.limit("pids.max") }
        if let directory = first(["hugetlb"], cgroup) {
            for size in HugePageSizes.all {
                guard let usage = directory.number("hugetlb.\(size).usage_in_bytes") else { break }
                details.hugePages.append(
                    .init(size: size, usage: usage, maxUsage: directory.number("hugetlb.\(size).max_usage_in_bytes")))
            }
        }
        if let directory = first(["blkio"], cgroup) {
            details.devices = BlockDevices.legacy(
                bytes: directory.text("blkio.throttle.io_service_bytes_recursive")
                    ?? directory.text("blkio.throttle.io_service_bytes") ?? "",
                counts: directory.text("blkio.throttle.io_serviced_recursive")
                    ?? directory.text("blkio.throttle.io_serviced") ?? "")
        }
        return details
    }

    private static let nanosecondsPerTick: UInt64 = {
        let ticks = sysconf(Int32(_SC_CLK_TCK))
        return ticks > 0 ? 1_000_000_000 / UInt64(ticks) : 10_000_000
    }()

    private func first(_ hierarchies: [String], _ cgroup: String) -> CgroupDirectory? {
        for hierarchy in hierarchies {
            if let directory = CgroupDirectory("\(root)/\(hierarchy)\(cgroup)") { return directory }
        }
        return nil
    }

    private func throttling(_ periods: UInt64?, _ throttled: UInt64?, _ time: UInt64?) -> CgroupDetails.Throttling? {
        guard let periods, let throttled, let time else { return nil }
        return CgroupDetails.Throttling(periods: periods, throttledPeriods: throttled, throttledTime: time)
    }

    /// The processes of the cgroup and of those below it, and what they have open; nothing when there is no such cgroup.
    private func members(_ directory: String, _ details: inout CgroupDetails) {
        guard access(directory, F_OK) == 0 else { return }
        var count: UInt64 = 0
        var files = processes.map { OpenFiles(processes: $0) }
        var pending = [directory]
        var visited = 0
        while let next = pending.popLast(), visited < Self.mostNested {
            visited += 1
            KernelFile.read(next + "/cgroup.procs", in: AT_FDCWD) { text in
                text.eachLine { line in
                    guard !line.bytes.isEmpty else { return }
                    count += 1
                    if let process = line.number { files?.add(process) }
                }
            }
            // A cgroup without others below it has two links.
            var status = stat()
            guard stat(next, &status) == 0, status.st_nlink != 2 else { continue }
            pending += Self.directories(in: next)
        }
        details.processes = count
        details.files = files?.found
    }

    private static func directories(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream), found.count < mostNested {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = String(cString: entry.name)
            if name != ".", name != ".." { found.append("\(path)/\(name)") }
        }
        return found
    }
}
