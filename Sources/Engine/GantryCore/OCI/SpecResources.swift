import ByteText
import JSON

/// The `linux.resources` of the OCI document; what is zero or empty is left out.
struct SpecResources {
    private(set) var json: [String: JSON] = [:]
    private(set) var notes: [String] = []

    init(_ resources: AppResources, facts: HostFacts) throws(EngineError) {
        var cpu: [String: JSON] = [:]
        if resources.cpuShares > 0 { cpu["shares"] = .integer(max(2, resources.cpuShares)) }
        if resources.cpuQuota != 0 { cpu["quota"] = .integer(resources.cpuQuota) }
        if resources.cpuPeriod > 0 { cpu["period"] = .integer(resources.cpuPeriod) }
        if !resources.cpusetCpus.isEmpty { cpu["cpus"] = .string(resources.cpusetCpus) }
        if !resources.cpusetMems.isEmpty { cpu["mems"] = .string(resources.cpusetMems) }
        if !cpu.isEmpty { json["cpu"] = .object(cpu) }
        let memory = self.memory(resources, facts)
        if !memory.isEmpty { json["memory"] = .object(memory) }
        let hugepages = try self.hugepages(resources, facts)
        if !hugepages.isEmpty { json["hugepageLimits"] = .array(hugepages) }
        if !resources.unified.isEmpty {
            guard facts.cgroupV2 else {
                throw EngineError(.invalid, "resources.unified: needs cgroup v2, and this host has v1")
            }
            json["unified"] = .stringMap(resources.unified)
        }
    }

    private mutating func memory(_ resources: AppResources, _ facts: HostFacts) -> [String: JSON] {
        var memory: [String: JSON] = [:]
        if resources.memoryLimit != 0 { memory["limit"] = .integer(resources.memoryLimit) }
        if resources.memorySwapLimit != 0 {
            if !facts.swapLimits {
                notes.append("resources.memorySwapLimit is left out: this kernel does not limit swap")
            } else if resources.memoryLimit == 0 {
                notes.append("resources.memorySwapLimit is left out: it needs a memoryLimit beside it")
            } else {
                memory["swap"] = .integer(resources.memorySwapLimit)
            }
        }
        return memory
    }

    /// The kubelet names every size it knows, mostly with limit 0; one that cannot be limited here matters only above that.
    private func hugepages(_ resources: AppResources, _ facts: HostFacts) throws(EngineError) -> [JSON] {
        var limits: [JSON] = []
        for limit in resources.hugepageLimits {
            if facts.hugepageSizes.has(limit.pageSize) {
                limits.append(["pageSize": .string(limit.pageSize), "limit": .integer(limit.limit)])
            } else if limit.limit > 0 {
                throw EngineError(
                    .invalid,
                    "resources.hugepageLimits: this host cannot limit pages of \(limit.pageSize) (it has no such pages, or no hugetlb controller); only a limit of 0 is taken"
                )
            }
        }
        return limits
    }
}
