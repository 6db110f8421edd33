import Domain

extension CgroupUsage {
    func wireCPU(_ nanoCores: UInt64?) -> Runtime_V1_CpuUsage? {
        guard let cpu else { return nil }
        return .with {
            $0.timestamp = at.nanoseconds
            $0.usageCoreNanoSeconds.value = cpu
            if let nanoCores { $0.usageNanoCores.value = nanoCores }
            if let pressure = pressure.cpu { $0.psi = pressure.wire }
        }
    }

    var wireMemory: Runtime_V1_MemoryUsage? {
        guard let memory else { return nil }
        return .with {
            $0.timestamp = at.nanoseconds
            $0.workingSetBytes.value = memory.workingSet
            if let available = memory.available { $0.availableBytes.value = available }
            $0.usageBytes.value = memory.usage
            $0.rssBytes.value = memory.rss
            $0.pageFaults.value = memory.pageFaults
            $0.majorPageFaults.value = memory.majorPageFaults
            if let pressure = pressure.memory { $0.psi = pressure.wire }
        }
    }

    var wireSwap: Runtime_V1_SwapUsage? {
        guard let swap else { return nil }
        return .with {
            $0.timestamp = at.nanoseconds
            $0.swapUsageBytes.value = swap.usage
            if let available = swap.available { $0.swapAvailableBytes.value = available }
        }
    }

    /// The interface has nothing of I/O but the pressure.
    var wireIO: Runtime_V1_IoUsage? {
        guard let pressure = pressure.io else { return nil }
        return .with {
            $0.timestamp = at.nanoseconds
            $0.psi = pressure.wire
        }
    }

    var wireProcess: Runtime_V1_ProcessUsage? {
        guard let tasks else { return nil }
        return .with {
            $0.timestamp = at.nanoseconds
            $0.processCount.value = tasks
        }
    }
}

extension Pressure {
    fileprivate var wire: Runtime_V1_PsiStats {
        .with {
            $0.some = some.wire
            $0.full = full.wire
        }
    }
}

extension Pressure.Share {
    fileprivate var wire: Runtime_V1_PsiData {
        .with {
            $0.total = total
            $0.avg10 = average10
            $0.avg60 = average60
            $0.avg300 = average300
        }
    }
}
