import ByteText
import Domain

extension LinuxResources {
    /// The kernel's bounds for the bandwidth controller, microseconds.
    private static let cpuPeriods: ClosedRange<Int64> = 1_000...1_000_000
    private static let cpuQuotas: ClosedRange<Int64> = 1_000...(1 << 44) - 1

    /// - Throws: `invalidArgument` for limits that the kernel would refuse or that contradict each other.
    package func check(at path: FieldPath) throws(DomainError) {
        try checkAsChange(at: path)
        if memorySwapLimit > 0, memoryLimit <= 0 {
            throw path.field("memory_swap_limit_in_bytes").invalid("needs memory_limit_in_bytes")
        }
    }

    /// The same of a change, where what is left out stays as it is.
    package func checkAsChange(at path: FieldPath) throws(DomainError) {
        try checkCPU(at: path)
        try checkMemory(at: path)
        _ = try path.field("oom_score_adj").number(oomScoreAdjust, in: -1_000...1_000)
        _ = try path.field("hugepage_limits").each(hugepageLimits) { (limit, path) throws(DomainError) in
            try limit.check(at: path)
        }
        try checkUnified(at: path.field("unified"))
    }

    private func checkCPU(at path: FieldPath) throws(DomainError) {
        if cpuPeriod != 0 { _ = try path.field("cpu_period").number(cpuPeriod, in: Self.cpuPeriods) }
        if cpuQuota != 0, cpuQuota != -1, !Self.cpuQuotas.contains(cpuQuota) {
            throw path.field("cpu_quota").invalid(
                "\(cpuQuota) is neither -1 nor between \(Self.cpuQuotas.lowerBound) and \(Self.cpuQuotas.upperBound) microseconds"
            )
        }
        _ = try path.field("cpu_shares").number(cpuShares, in: 0...262_144)
        try Self.check(cpuset: cpusetCPUs, at: path.field("cpuset_cpus"))
        try Self.check(cpuset: cpusetMems, at: path.field("cpuset_mems"))
    }

    private func checkMemory(at path: FieldPath) throws(DomainError) {
        _ = try path.field("memory_limit_in_bytes").number(memoryLimit, in: -1...Int64.max)
        let swap = path.field("memory_swap_limit_in_bytes")
        _ = try swap.number(memorySwapLimit, in: -1...Int64.max)
        guard memorySwapLimit > 0, memoryLimit > 0 else { return }
        guard memorySwapLimit >= memoryLimit else {
            throw swap.invalid("counts memory and swap together and cannot be below memory_limit_in_bytes")
        }
    }

    private static func check(cpuset value: String, at path: FieldPath) throws(DomainError) {
        guard !value.isEmpty else { return }
        for part in value.pieces(at: ",") {
            let ends = part.pieces(at: "-").map { UInt16(digits: $0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                throw path.invalid("\(value.quotedForMessage) is not a list such as 0-3,7")
            }
        }
    }

    private func checkUnified(at path: FieldPath) throws(DomainError) {
        for (file, value) in unified.sorted(by: { $0.key.precedes($1.key) }) {
            let path = path.key(file)
            let isFile = file.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            guard isFile, file.has("."), !file.begins(with: "."), !file.begins(with: "cgroup.") else {
                throw path.invalid("is not a file of a cgroup controller, such as memory.high")
            }
            _ = try path.withoutNUL(value)
        }
    }
}

extension HugepageLimit {
    package func check(at path: FieldPath) throws(DomainError) {
        let unit = pageSize.utf8.drop(while: \.isASCIIDigit)
        guard unit.startIndex > pageSize.startIndex, ["KB", "MB", "GB"].has(Substring(unit)) else {
            throw path.field("page_size").invalid("\(pageSize.quotedForMessage) is not a page size such as 2MB")
        }
        // What the kernel counts with, and the engine.
        _ = try path.field("limit").number(limit, in: 0...UInt64(Int64.max))
    }
}
