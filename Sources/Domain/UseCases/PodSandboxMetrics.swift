import ByteText

/// The metrics of pods that are ready and of their running containers, as monitoring takes them.
///
/// What must always hold: what vanishes while it is read, or does not answer, is left out; no two metrics have the same name and labels.
package struct PodSandboxMetrics: Sendable {
    private let context: UseCases.Context
    private let layers: WritableLayers

    init(_ context: UseCases.Context, layers: WritableLayers) {
        self.context = context
        self.layers = layers
    }

    /// Of all pods, in no order.
    package func callAsFunction() async -> [PodMetrics] {
        let pods = context.index.pods().filter { $0.state == .ready }
        let members = pods.map { pod in context.index.containers(of: pod.id).filter(\.hasCounters) }
        async let networks = context.networks(of: Array(zip(pods, members)))
        async let own = context.ports.usage.details(of: pods.map(\.cgroup), files: false)
        var ofContainers = await context.ports.usage.details(of: members.joined().map(\.cgroup), files: true)
            .makeIterator()
        let details = await own
        let interfaces = await networks
        return zip(zip(pods, members), details).compactMap { place, reading in
            let (pod, members) = place
            let containers = members.compactMap { container in metrics(of: container, in: pod, ofContainers.next()) }
            var list = MetricList(labels: [
                "", pod.cgroup, "", "", pod.config.metadata.namespace, pod.config.metadata.name,
            ])
            switch reading {
            case .value(let details): list.add(details)
            case .failed: return nil
            // Without a cgroup of its own it has its containers' metrics.
            case .gone: if !pod.cgroup.isEmpty { return nil }
            }
            interfaces[pod.id]?.interfaces.forEach { list.add($0) }
            list.add(.startTime, pod.createdAt.seconds)
            list.add(.lastSeen, context.ports.wallClock.now().seconds)
            return PodMetrics(pod: pod.id, metrics: list.metrics, containers: containers)
        }
    }

    private func metrics(
        of container: Container, in pod: PodSandbox, _ reading: Reading<CgroupDetails>?
    ) -> ContainerMetrics? {
        guard case .value(let details) = reading else { return nil }
        let image = container.config.image
        var list = MetricList(labels: [
            container.config.metadata.name, container.cgroup,
            image.userSpecifiedImage.isEmpty ? image.image : image.userSpecifiedImage, container.id.rawValue,
            pod.config.metadata.namespace, pod.config.metadata.name,
        ])
        list.add(details)
        if let resources = container.resources {
            if resources.cpuPeriod > 0 { list.add(.specCPUPeriod, UInt64(resources.cpuPeriod)) }
            if resources.cpuQuota > 0 { list.add(.specCPUQuota, UInt64(resources.cpuQuota)) }
            if resources.cpuShares > 0 { list.add(.specCPUShares, UInt64(resources.cpuShares)) }
        }
        list.add(.startTime, container.startedAt.seconds)
        list.add(.lastSeen, details.usage.at.seconds)
        if let layer = layers.usage(of: container.id) {
            list.add(.fsUsage, layer.usedBytes, [layer.mountpoint], at: layer.timestamp)
            list.add(.fsInodes, layer.inodesUsed, [layer.mountpoint], at: layer.timestamp)
            let place = [layer.mountpoint]
            list.add(.fsLimit, layers.capacity?.bytes, place, at: layer.timestamp)
            list.add(.fsInodesTotal, layers.capacity?.inodes, place, at: layer.timestamp)
            list.add(.fsInodesFree, layers.capacity?.freeInodes, place, at: layer.timestamp)
        }
        return ContainerMetrics(container: container.id, metrics: list.metrics)
    }
}

/// Metrics of one pod or container.
private struct MetricList {
    let labels: [String]
    private(set) var metrics: [Metric] = []

    init(labels: [String]) { self.labels = labels }

    mutating func add(_ family: MetricName, _ amount: UInt64?, _ own: [String] = [], at time: Timestamp? = nil) {
        guard let amount else { return }
        metrics.append(Metric(family: family, labelValues: labels + own, amount: amount, takenAt: time))
    }

    mutating func add(_ details: CgroupDetails) {
        let usage = details.usage
        add(.cpuUsage, usage.cpu)
        add(.cpuUser, details.userCPU)
        add(.cpuSystem, details.systemCPU)
        add(.cfsPeriods, details.throttling?.periods)
        add(.cfsThrottledPeriods, details.throttling?.throttledPeriods)
        add(.cfsThrottledTime, details.throttling?.throttledTime)
        if let memory = usage.memory {
            add(.memoryUsage, memory.usage)
            add(.memoryWorkingSet, memory.workingSet)
            add(.memoryRSS, memory.rss)
            add(.memoryFailures, memory.pageFaults, ["pgfault", "hierarchy"])
            add(.memoryFailures, memory.majorPageFaults, ["pgmajfault", "hierarchy"])
            add(.specMemoryLimit, memory.limit ?? 0)
            add(.specSwapLimit, details.swapLimit ?? 0)
            add(.specMemoryReservation, details.reservation ?? 0)
        }
        add(.memoryCache, details.cache)
        add(.memoryMapped, details.mapped)
        add(.memoryKernel, details.kernel)
        add(.memorySwap, usage.swap?.usage)
        add(.memoryFailcnt, details.limitHits)
        add(.memoryMax, details.maxMemory)
        add(.oomEvents, details.outOfMemoryKills)
        add(.processes, details.processes)
        add(.threads, usage.tasks)
        add(.threadsMax, details.tasksLimit)
        add(.fileDescriptors, details.files?.descriptors)
        add(.sockets, details.files?.sockets)
        add(.softLimits, details.files?.softLimit, ["max_open_files"])
        for pages in details.hugePages {
            add(.hugePages, pages.usage, [pages.size])
            add(.hugePagesMax, pages.maxUsage, [pages.size])
        }
        add(usage.pressure.cpu, .pressureCPUStalled, .pressureCPUWaiting)
        add(usage.pressure.memory, .pressureMemoryStalled, .pressureMemoryWaiting)
        add(usage.pressure.io, .pressureIOStalled, .pressureIOWaiting)
        for device in details.devices {
            add(.fsReads, device.reads, [device.name])
            add(.fsReadBytes, device.readBytes, [device.name])
            add(.fsWrites, device.writes, [device.name])
            add(.fsWriteBytes, device.writtenBytes, [device.name])
            add(.deviceUsage, device.readBytes, [device.name, device.major, device.minor, "Read"])
            add(.deviceUsage, device.writtenBytes, [device.name, device.major, device.minor, "Write"])
        }
    }

    private mutating func add(_ pressure: Pressure?, _ stalled: MetricName, _ waiting: MetricName) {
        add(stalled, pressure.map { $0.full.total.multipliedSaturating(by: 1000) })
        add(waiting, pressure.map { $0.some.total.multipliedSaturating(by: 1000) })
    }

    mutating func add(_ interface: InterfaceUsage) {
        add(.networkReceiveBytes, interface.received.bytes, [interface.name])
        add(.networkReceivePackets, interface.received.packets, [interface.name])
        add(.networkReceiveErrors, interface.received.errors, [interface.name])
        add(.networkReceiveDropped, interface.received.dropped, [interface.name])
        add(.networkTransmitBytes, interface.sent.bytes, [interface.name])
        add(.networkTransmitPackets, interface.sent.packets, [interface.name])
        add(.networkTransmitErrors, interface.sent.errors, [interface.name])
        add(.networkTransmitDropped, interface.sent.dropped, [interface.name])
    }
}

extension Timestamp {
    fileprivate var seconds: UInt64 { UInt64(max(0, nanoseconds / 1_000_000_000)) }
}
