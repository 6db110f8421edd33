import ByteText

/// What all of a pod may use together: what its containers were promised, and its overhead.
package struct PodLimits: Hashable, Sendable {
    /// Nil: none of the pod's own.
    package var cpuShares: Int64?
    /// Microseconds; nil: no limit.
    package var cpuQuota: Int64?
    /// Microseconds.
    package var cpuPeriod: Int64
    /// Empty: all.
    package var cpusetCPUs: String
    package var cpusetMems: String
    /// Bytes; nil: no limit.
    package var memory: Int64?
    /// Bytes; nil: no limit.
    package var swap: Int64?
    /// Files of cgroup v2 and their values.
    package var unified: [String: String]

    private static let usualPeriod: Int64 = 100_000

    /// The whole of what the pod may use: what both leave out has no limit.
    ///
    /// - Throws: `invalidArgument`, naming the field, for what a pod as a whole cannot be given.
    package init(resources: LinuxResources, overhead: LinuxResources) throws(DomainError) {
        for (name, value) in [("resources", resources), ("overhead", overhead)] {
            guard value.oomScoreAdjust == 0 else {
                throw DomainError(
                    .invalidArgument, "\(name).oom_score_adj: a pod has none; its containers have")
            }
            if let limit = value.hugepageLimits.first(where: { $0.limit > 0 }) {
                throw DomainError(
                    .invalidArgument,
                    "\(name).hugepage_limits: systemd limits no huge pages (\(limit.pageSize)) of a unit; limit the containers"
                )
            }
        }
        cpuShares = resources.cpuShares > 0 ? resources.cpuShares + max(0, overhead.cpuShares) : nil
        cpuPeriod = resources.cpuPeriod > 0 ? resources.cpuPeriod : Self.usualPeriod
        cpuQuota = nil
        if resources.cpuQuota > 0 {
            let period = overhead.cpuPeriod > 0 ? overhead.cpuPeriod : Self.usualPeriod
            cpuQuota = resources.cpuQuota + max(0, overhead.cpuQuota).multipliedSaturating(by: cpuPeriod) / period
        }
        cpusetCPUs = resources.cpusetCPUs
        cpusetMems = resources.cpusetMems
        memory = nil
        swap = nil
        if resources.memoryLimit > 0 {
            let (sum, isTooMuch) = resources.memoryLimit.addingReportingOverflow(max(0, overhead.memoryLimit))
            memory = isTooMuch ? nil : sum
            if resources.memorySwapLimit > 0 { swap = resources.memorySwapLimit - resources.memoryLimit }
        }
        unified = resources.unified
    }
}
