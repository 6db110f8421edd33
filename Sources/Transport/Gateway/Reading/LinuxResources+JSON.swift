import Domain
import JSON
import RequestSyntax

extension LinuxResources {
    /// - Throws: `invalidArgument` for limits that the kernel would refuse or that contradict each other.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> LinuxResources {
        let resources = try readUnchecked(json, at: path)
        try resources.check(at: path)
        return resources
    }

    /// The same of a change, where what is left out stays as it is.
    static func readChange(_ json: JSON, at path: FieldPath) throws(DomainError) -> LinuxResources {
        let resources = try readUnchecked(json, at: path)
        try resources.checkAsChange(at: path)
        return resources
    }

    private static func readUnchecked(_ json: JSON, at path: FieldPath) throws(DomainError) -> LinuxResources {
        var reader = try MessageReader(json, at: path)
        var resources = LinuxResources()
        resources.cpuPeriod = try reader.number("cpu_period")
        resources.cpuQuota = try reader.number("cpu_quota")
        resources.cpuShares = try reader.number("cpu_shares")
        resources.cpusetCPUs = try reader.string("cpuset_cpus")
        resources.cpusetMems = try reader.string("cpuset_mems")
        resources.memoryLimit = try reader.number("memory_limit_in_bytes")
        resources.memorySwapLimit = try reader.number("memory_swap_limit_in_bytes")
        resources.oomScoreAdjust = try reader.number("oom_score_adj")
        resources.hugepageLimits = try reader.list("hugepage_limits") { (json, path) throws(DomainError) in
            var reader = try MessageReader(json, at: path)
            let limit = HugepageLimit(pageSize: try reader.string("page_size"), limit: try reader.number("limit"))
            try reader.finish()
            return limit
        }
        resources.unified = try reader.stringMap("unified")
        try reader.finish()
        return resources
    }
}
