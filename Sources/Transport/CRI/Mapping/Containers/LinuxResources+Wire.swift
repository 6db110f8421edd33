import Domain

extension LinuxResources {
    /// The kernel's bounds for the bandwidth controller, microseconds.
    private static let cpuPeriods: ClosedRange<Int64> = 1_000...1_000_000

    /// - Throws: `invalidArgument` for limits that the kernel would refuse or that contradict each other.
    package init(wire: Runtime_V1_LinuxContainerResources, at path: FieldPath) throws(DomainError) {
        self.init()
        try takeCPU(wire, at: path)
        try takeMemory(wire, at: path)
        oomScoreAdjust = try path.field("oom_score_adj").number(wire.oomScoreAdj, in: -1_000...1_000)
        hugepageLimits = try path.field("hugepage_limits").each(wire.hugepageLimits, HugepageLimit.init(wire:at:))
        unified = try Self.unified(wire.unified, at: path.field("unified"))
    }

    private mutating func takeCPU(_ wire: Runtime_V1_LinuxContainerResources, at path: FieldPath) throws(DomainError) {
        if wire.cpuPeriod != 0 { cpuPeriod = try path.field("cpu_period").number(wire.cpuPeriod, in: Self.cpuPeriods) }
        if wire.cpuQuota != 0, wire.cpuQuota != -1 {
            guard wire.cpuQuota >= 1_000 else {
                throw path.field("cpu_quota").invalid("\(wire.cpuQuota) is neither -1 nor at least 1000 microseconds")
            }
        }
        cpuQuota = wire.cpuQuota
        cpuShares = try path.field("cpu_shares").number(wire.cpuShares, in: 0...262_144)
        cpusetCPUs = try Self.cpuset(wire.cpusetCpus, at: path.field("cpuset_cpus"))
        cpusetMems = try Self.cpuset(wire.cpusetMems, at: path.field("cpuset_mems"))
    }

    private mutating func takeMemory(
        _ wire: Runtime_V1_LinuxContainerResources, at path: FieldPath
    ) throws(DomainError) {
        memoryLimit = try path.field("memory_limit_in_bytes").number(wire.memoryLimitInBytes, in: -1...Int64.max)
        let swap = path.field("memory_swap_limit_in_bytes")
        memorySwapLimit = try swap.number(wire.memorySwapLimitInBytes, in: -1...Int64.max)
        guard memorySwapLimit > 0 else { return }
        guard memoryLimit > 0 else { throw swap.invalid("needs memory_limit_in_bytes") }
        guard memorySwapLimit >= memoryLimit else {
            throw swap.invalid("counts memory and swap together and cannot be below memory_limit_in_bytes")
        }
    }

    private static func cpuset(_ value: String, at path: FieldPath) throws(DomainError) -> String {
        guard !value.isEmpty else { return value }
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                throw path.invalid("\(value.quotedForMessage) is not a list such as 0-3,7")
            }
        }
        return value
    }

    private static func unified(_ wire: [String: String], at path: FieldPath) throws(DomainError) -> [String: String] {
        for (file, value) in wire.sorted(by: { $0.key < $1.key }) {
            let path = path.key(file)
            let isFile = file.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            guard isFile, file.contains("."), file.first != "." else {
                throw path.invalid("is not a file of a cgroup controller, such as memory.high")
            }
            _ = try path.withoutNUL(value)
        }
        return wire
    }

    package var wire: Runtime_V1_LinuxContainerResources {
        .with {
            $0.cpuPeriod = cpuPeriod
            $0.cpuQuota = cpuQuota
            $0.cpuShares = cpuShares
            $0.cpusetCpus = cpusetCPUs
            $0.cpusetMems = cpusetMems
            $0.memoryLimitInBytes = memoryLimit
            $0.memorySwapLimitInBytes = memorySwapLimit
            $0.oomScoreAdj = oomScoreAdjust
            $0.hugepageLimits = hugepageLimits.map(\.wire)
            $0.unified = unified
        }
    }
}

extension HugepageLimit {
    package init(wire: Runtime_V1_HugepageLimit, at path: FieldPath) throws(DomainError) {
        let digits = wire.pageSize.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, ["KB", "MB", "GB"].contains(wire.pageSize.dropFirst(digits.count)) else {
            throw path.field("page_size").invalid("\(wire.pageSize.quotedForMessage) is not a page size such as 2MB")
        }
        self.init(pageSize: wire.pageSize, limit: wire.limit)
    }

    package var wire: Runtime_V1_HugepageLimit {
        .with {
            $0.pageSize = pageSize
            $0.limit = limit
        }
    }
}
