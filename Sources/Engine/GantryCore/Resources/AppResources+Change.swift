import ByteText

extension AppResources {
    /// Microseconds, by the kernel.
    private static let periods: ClosedRange<Int64> = 1_000...1_000_000
    private static let leastQuota: Int64 = 1_000

    /// These with what `change` says; what is zero or empty in it stays as it is.
    func applying(_ change: AppResources) -> AppResources {
        var result = self
        if change.cpuPeriod != 0 { result.cpuPeriod = change.cpuPeriod }
        if change.cpuQuota != 0 { result.cpuQuota = change.cpuQuota }
        if change.cpuShares != 0 { result.cpuShares = change.cpuShares }
        if !change.cpusetCpus.isEmpty { result.cpusetCpus = change.cpusetCpus }
        if !change.cpusetMems.isEmpty { result.cpusetMems = change.cpusetMems }
        if change.memoryLimit != 0 { result.memoryLimit = change.memoryLimit }
        if change.memorySwapLimit != 0 { result.memorySwapLimit = change.memorySwapLimit }
        if change.oomScoreAdj != 0 { result.oomScoreAdj = change.oomScoreAdj }
        for limit in change.hugepageLimits {
            result.hugepageLimits.removeAll { $0.pageSize.isSame(as: limit.pageSize) }
            result.hugepageLimits.append(limit)
        }
        for (file, value) in change.unified { result.unified[file] = value }
        return result
    }

    /// - Throws: `invalid` for a change that the kernel would not take on any host.
    func checkAsChange() throws(EngineError) {
        if cpuPeriod != 0, !Self.periods.contains(cpuPeriod) {
            throw Self.invalid("cpuPeriod", "\(cpuPeriod) is not between 1000 and 1000000 microseconds")
        }
        if cpuQuota > 0, cpuQuota < Self.leastQuota {
            throw Self.invalid("cpuQuota", "\(cpuQuota) is below the kernel's least, 1000 microseconds")
        }
        for file in unified.keys.sorted() where !file.has(".") || file.begins(with: "cgroup.") {
            throw Self.invalid("unified", "\"\(file)\" is no limit of a cgroup controller, such as memory.high")
        }
    }

    /// What comes of a change.
    /// - Throws: `invalid` where its limits contradict each other.
    func checkAsResult() throws(EngineError) {
        guard memorySwapLimit > 0 else { return }
        guard memoryLimit > 0 else {
            throw Self.invalid("memorySwapLimit", "counts memory and swap together, and memory has no limit")
        }
        guard memorySwapLimit >= memoryLimit else {
            throw Self.invalid(
                "memorySwapLimit",
                "\(memorySwapLimit) counts memory and swap together and is below the memory limit, \(memoryLimit)")
        }
    }

    /// Every error about a limit begins so (`docs/engine.md`, `app update`).
    static func invalid(_ key: String, _ problem: String) -> EngineError {
        EngineError(.invalid, "resources.\(key): \(problem)")
    }
}
