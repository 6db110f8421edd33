import Domain

extension LinuxResources {
    /// - Throws: `invalidArgument` for limits that the kernel would refuse or that contradict each other.
    package init(wire: Runtime_V1_LinuxContainerResources, at path: FieldPath) throws(DomainError) {
        self.init(unchecked: wire)
        try check(at: path)
    }

    /// The same of a change, where what is left out stays as it is.
    package init(change wire: Runtime_V1_LinuxContainerResources, at path: FieldPath) throws(DomainError) {
        self.init(unchecked: wire)
        try checkAsChange(at: path)
    }

    private init(unchecked wire: Runtime_V1_LinuxContainerResources) {
        self.init()
        cpuPeriod = wire.cpuPeriod
        cpuQuota = wire.cpuQuota
        cpuShares = wire.cpuShares
        cpusetCPUs = wire.cpusetCpus
        cpusetMems = wire.cpusetMems
        memoryLimit = wire.memoryLimitInBytes
        memorySwapLimit = wire.memorySwapLimitInBytes
        oomScoreAdjust = wire.oomScoreAdj
        hugepageLimits = wire.hugepageLimits.map { HugepageLimit(pageSize: $0.pageSize, limit: $0.limit) }
        unified = wire.unified
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
    package var wire: Runtime_V1_HugepageLimit {
        .with {
            $0.pageSize = pageSize
            $0.limit = limit
        }
    }
}
