import CRI
import Domain
import DomainFakes
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct StatsRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method
    private let unknown = String(repeating: "9", count: 64)

    /// A pod with two containers that use something, and one that does not run.
    private func serve(
        batches: ListBatches = ListBatches(),
        _ body: @Sendable @escaping (InProcessCRI, PodSandbox, [Container]) async throws -> Void
    ) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        let id = try await useCases.runPodSandbox(.fake())
        let pod = try useCases.podSandboxStatus(id).pod
        node.usage.set(full, for: pod.cgroup)
        node.usage.set(
            NetworkUsage(
                at: Timestamp(nanoseconds: 8),
                main: InterfaceUsage(
                    name: "eth0", received: .init(bytes: 1, packets: 9, errors: 2), sent: .init(bytes: 3, errors: 4)),
                others: [InterfaceUsage(name: "net1", received: .init(bytes: 5), sent: .init(bytes: 6))]),
            for: pod.networkNamespace)
        var containers: [Container] = []
        for name in ["a", "b"] {
            let container = try await useCases.createContainer(.fake(name), in: id)
            try await useCases.startContainer(container)
            containers.append(try useCases.containerStatus(container))
        }
        node.usage.set(full, for: containers[0].cgroup)
        node.usage.set(CgroupUsage(at: Timestamp(nanoseconds: 7), cpu: 1), for: containers[1].cgroup)
        for cgroup in [pod.cgroup, containers[0].cgroup] {
            let usage = CgroupUsage(at: Timestamp(nanoseconds: 7), cpu: 5_000_000_000)
            node.usage.set(CgroupDetails(usage: usage), for: cgroup)
        }
        node.layers.set(
            FilesystemUsage(timestamp: .init(nanoseconds: 3), mountpoint: "/m", usedBytes: 8192, inodesUsed: 2),
            for: containers[0].writableLayer)
        await useCases.writableLayers.measureAll()
        _ = try await useCases.createContainer(.fake("idle"), in: id)
        let made = containers
        try await InProcessCRI.serve(useCases, batches: batches) { cri in try await body(cri, pod, made) }
    }

    private var full: CgroupUsage {
        let share = Pressure.Share(total: 9, average10: 1.5, average60: 2.5, average300: 3.5)
        return CgroupUsage(
            at: Timestamp(nanoseconds: 7), cpu: 1000,
            memory: MemoryUsage(
                usage: 100, workingSet: 60, rss: 50, pageFaults: 40, majorPageFaults: 30, limit: 80),
            swap: SwapUsage(usage: 12, available: 13), tasks: 14,
            pressure: Pressures(
                cpu: Pressure(some: share, full: share), memory: Pressure(some: share, full: share),
                io: Pressure(some: share, full: share)))
    }

    private func list(
        _ cri: InProcessCRI, _ filter: Runtime_V1_ContainerStatsFilter? = nil
    ) async throws -> [Runtime_V1_ContainerStats] {
        let answer: Runtime_V1_ListContainerStatsResponse = try await cri.call(
            Method.ListContainerStats.descriptor,
            Runtime_V1_ListContainerStatsRequest.with { if let filter { $0.filter = filter } })
        return answer.stats
    }

    @Test func `a container's figures are all there, and what the kernel does not count is left out`() async throws {
        try await serve { cri, _, containers in
            let answer: Runtime_V1_ContainerStatsResponse = try await cri.call(
                Method.ContainerStats.descriptor,
                Runtime_V1_ContainerStatsRequest.with { $0.containerID = containers[0].id.rawValue })
            let stats = answer.stats
            #expect(stats.attributes.id == containers[0].id.rawValue)
            #expect(stats.attributes.metadata.name == "a" && stats.attributes.labels == ["container": "a"])
            #expect(stats.cpu.timestamp == 7 && stats.cpu.usageCoreNanoSeconds.value == 1000)
            #expect(!stats.cpu.hasUsageNanoCores)
            #expect(stats.memory.timestamp == 7 && stats.memory.workingSetBytes.value == 60)
            #expect(stats.memory.availableBytes.value == 20 && stats.memory.usageBytes.value == 100)
            #expect(stats.memory.rssBytes.value == 50 && stats.memory.pageFaults.value == 40)
            #expect(stats.memory.majorPageFaults.value == 30)
            #expect(stats.swap.swapUsageBytes.value == 12 && stats.swap.swapAvailableBytes.value == 13)
            #expect(stats.writableLayer.usedBytes.value == 8192 && stats.writableLayer.inodesUsed.value == 2)
            #expect(stats.writableLayer.fsID.mountpoint == "/m" && stats.writableLayer.timestamp == 3)
            for psi in [stats.cpu.psi, stats.memory.psi, stats.io.psi] {
                #expect(psi.some.total == 9 && psi.full.avg10 == 1.5)
                #expect(psi.some.avg60 == 2.5 && psi.some.avg300 == 3.5)
            }
            let bare = try #require(try await list(cri, .with { $0.id = containers[1].id.rawValue }).first)
            #expect(bare.hasCpu && !bare.hasMemory && !bare.hasSwap && !bare.hasIo && !bare.hasWritableLayer)
            #expect(!bare.cpu.hasPsi)
        }
    }

    @Test func `a pod's figures are its own, its network's and its containers'`() async throws {
        try await serve { cri, pod, containers in
            let answer: Runtime_V1_PodSandboxStatsResponse = try await cri.call(
                Method.PodSandboxStats.descriptor,
                Runtime_V1_PodSandboxStatsRequest.with { $0.podSandboxID = pod.id.rawValue })
            let linux = answer.stats.linux
            #expect(answer.stats.attributes.id == pod.id.rawValue)
            #expect(answer.stats.attributes.metadata.name == "web" && answer.stats.attributes.labels == ["app": "web"])
            #expect(linux.cpu.usageCoreNanoSeconds.value == 1000 && linux.memory.usageBytes.value == 100)
            #expect(linux.process.processCount.value == 14 && linux.io.psi.some.total == 9)
            #expect(linux.network.timestamp == 8 && linux.network.defaultInterface.name == "eth0")
            #expect(
                linux.network.defaultInterface.rxBytes.value == 1 && linux.network.defaultInterface.rxErrors.value == 2)
            #expect(
                linux.network.defaultInterface.txBytes.value == 3 && linux.network.defaultInterface.txErrors.value == 4)
            #expect(linux.network.interfaces.map(\.name) == ["net1"])
            #expect(Set(linux.containers.map(\.attributes.id)) == Set(containers.map(\.id.rawValue)))
        }
    }

    private func found(_ cri: InProcessCRI, _ filter: Runtime_V1_ContainerStatsFilter) async throws -> [String] {
        try await list(cri, filter).map(\.attributes.id)
    }

    private func pods(_ cri: InProcessCRI, _ filter: Runtime_V1_PodSandboxStatsFilter) async throws -> Int {
        let answer: Runtime_V1_ListPodSandboxStatsResponse = try await cri.call(
            Method.ListPodSandboxStats.descriptor, Runtime_V1_ListPodSandboxStatsRequest.with { $0.filter = filter })
        return answer.stats.count
    }

    @Test func `lists heed every field of the filter`() async throws {
        try await serve { cri, pod, containers in
            let ids = containers.map(\.id.rawValue)
            let all = try await found(cri, .init())
            #expect(Set(all) == Set(ids))
            #expect(try await found(cri, .with { $0.id = ids[1] }) == [ids[1]])
            #expect(try await found(cri, .with { $0.labelSelector = ["container": "a"] }) == [ids[0]])
            #expect(try await found(cri, .with { $0.podSandboxID = pod.id.rawValue }).count == 2)
            #expect(try await found(cri, .with { $0.podSandboxID = unknown }).isEmpty)
            #expect(try await pods(cri, .init()) == 1)
            #expect(try await pods(cri, .with { $0.id = pod.id.rawValue }) == 1)
            #expect(try await pods(cri, .with { $0.id = unknown }) == 0)
            #expect(try await pods(cri, .with { $0.labelSelector = ["app": "other"] }) == 0)
        }
    }

    @Test func `streams send what lists list, in batches`() async throws {
        try await serve(batches: ListBatches(items: 1)) { cri, _, _ in
            let containers: [Runtime_V1_StreamContainerStatsResponse] = try await cri.stream(
                Method.StreamContainerStats.descriptor, Runtime_V1_StreamContainerStatsRequest())
            #expect(containers.map(\.containerStats.count) == [1, 1])
            #expect(Set(containers.flatMap(\.containerStats)) == Set(try await list(cri)))
            let pods: [Runtime_V1_StreamPodSandboxStatsResponse] = try await cri.stream(
                Method.StreamPodSandboxStats.descriptor, Runtime_V1_StreamPodSandboxStatsRequest())
            #expect(pods.map(\.podSandboxStats.count) == [1])
        }
    }

    @Test func `metrics are of the families that are described, with a value for each of their labels`() async throws {
        try await serve { cri, pod, containers in
            let described: Runtime_V1_ListMetricDescriptorsResponse = try await cri.call(
                Method.ListMetricDescriptors.descriptor, Runtime_V1_ListMetricDescriptorsRequest())
            let families = Dictionary(uniqueKeysWithValues: described.descriptors.map { ($0.name, $0) })
            #expect(families.count == MetricName.allCases.count && families.values.allSatisfy { !$0.help.isEmpty })
            let listed: Runtime_V1_ListPodSandboxMetricsResponse = try await cri.call(
                Method.ListPodSandboxMetrics.descriptor, Runtime_V1_ListPodSandboxMetricsRequest())
            #expect(listed.podMetrics.map(\.podSandboxID) == [pod.id.rawValue])
            let ofContainers = listed.podMetrics.flatMap(\.containerMetrics)
            #expect(ofContainers.map(\.containerID) == [containers[0].id.rawValue])
            let all = listed.podMetrics.flatMap(\.metrics) + ofContainers.flatMap(\.metrics)
            #expect(!all.isEmpty)
            for metric in all {
                #expect(metric.labelValues.count == families[metric.name]?.labelKeys.count, "\(metric.name)")
                #expect(metric.hasValue)
            }
            let cpu = try #require(ofContainers[0].metrics.first { $0.name == "container_cpu_usage_seconds_total" })
            #expect(cpu.value.value == 5 && cpu.metricType == .counter && cpu.timestamp == 0)
            let streamed: [Runtime_V1_StreamPodSandboxMetricsResponse] = try await cri.stream(
                Method.StreamPodSandboxMetrics.descriptor, Runtime_V1_StreamPodSandboxMetricsRequest())
            #expect(streamed.flatMap(\.podSandboxMetrics).map(\.podSandboxID) == [pod.id.rawValue])
        }
    }

    @Test func `an id that is none, or nobody's, is refused`() async throws {
        try await serve { cri, _, _ in
            for (id, code) in [("", RPCError.Code.invalidArgument), (unknown, .notFound), ("no id at all", .notFound)] {
                let container = await #expect(throws: RPCError.self) {
                    let _: Runtime_V1_ContainerStatsResponse = try await cri.call(
                        Method.ContainerStats.descriptor, Runtime_V1_ContainerStatsRequest.with { $0.containerID = id })
                }
                #expect(container?.code == code)
                let pod = await #expect(throws: RPCError.self) {
                    let _: Runtime_V1_PodSandboxStatsResponse = try await cri.call(
                        Method.PodSandboxStats.descriptor,
                        Runtime_V1_PodSandboxStatsRequest.with { $0.podSandboxID = id })
                }
                #expect(pod?.code == code)
            }
        }
    }
}
