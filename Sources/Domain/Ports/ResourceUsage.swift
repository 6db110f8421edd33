/// What containers use, as the kernel counts it.
package protocol ResourceUsage: Sendable {
    /// - Parameter cgroup: as in the engine's record, below the root of the hierarchy.
    /// - Returns: nil when there is no such cgroup (any more).
    func usage(ofCgroup cgroup: String) async throws(DomainError) -> CgroupUsage?
}

/// One reading of a cgroup's counters. Nil: its controller is not there.
package struct CgroupUsage: Hashable, Sendable {
    package var at: Timestamp
    /// CPU time used so far, nanoseconds.
    package var cpu: UInt64?
    package var memory: MemoryUsage?

    package init(at: Timestamp, cpu: UInt64? = nil, memory: MemoryUsage? = nil) {
        self.at = at
        self.cpu = cpu
        self.memory = memory
    }
}

/// Bytes, and counts of faults.
package struct MemoryUsage: Hashable, Sendable {
    package var usage: UInt64
    /// The usage without what the kernel can drop at once (inactive file pages): what evictions look at.
    package var workingSet: UInt64
    package var rss: UInt64
    package var pageFaults: UInt64
    package var majorPageFaults: UInt64
    /// Nil: no limit.
    package var limit: UInt64?

    package init(
        usage: UInt64, workingSet: UInt64, rss: UInt64, pageFaults: UInt64, majorPageFaults: UInt64, limit: UInt64?
    ) {
        self.usage = usage
        self.workingSet = workingSet
        self.rss = rss
        self.pageFaults = pageFaults
        self.majorPageFaults = majorPageFaults
        self.limit = limit
    }
}
