/// One reading of a cgroup's counters, those of the cgroups below it included. Nil: the kernel does not count it here.
package struct CgroupUsage: Hashable, Sendable {
    package var at: Timestamp
    /// CPU time used so far, nanoseconds.
    package var cpu: UInt64?
    package var memory: MemoryUsage?
    package var swap: SwapUsage?
    /// Processes and their threads, as the pids controller counts them.
    package var tasks: UInt64?
    package var pressure: Pressures

    package init(
        at: Timestamp, cpu: UInt64? = nil, memory: MemoryUsage? = nil, swap: SwapUsage? = nil, tasks: UInt64? = nil,
        pressure: Pressures = Pressures()
    ) {
        self.at = at
        self.cpu = cpu
        self.memory = memory
        self.swap = swap
        self.tasks = tasks
        self.pressure = pressure
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
    /// The cgroup's own limit; nil: none.
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

    /// What may still be used; nil without a limit.
    package var available: UInt64? { limit.map { $0 - min($0, workingSet) } }
}

/// Bytes.
package struct SwapUsage: Hashable, Sendable {
    package var usage: UInt64
    /// Nil: without a limit.
    package var available: UInt64?

    package init(usage: UInt64, available: UInt64? = nil) {
        self.usage = usage
        self.available = available
    }
}
