import DomainFakes
import Testing

@testable import Domain

@Suite("PodSandboxMetrics", .timeLimit(.minutes(10)))
struct MetricsTests {
    let node = FakeNode()

    private var details: CgroupDetails {
        var usage = CgroupUsage(at: Timestamp(nanoseconds: 7_000_000_000), cpu: 3_900_000_000)
        usage.memory = MemoryUsage(
            usage: 100, workingSet: 60, rss: 50, pageFaults: 40, majorPageFaults: 30, limit: nil)
        usage.tasks = 9
        let share = Pressure.Share(total: 2_500_000, average10: 0, average60: 0, average300: 0)
        usage.pressure.io = Pressure(some: share, full: share)
        var details = CgroupDetails(usage: usage)
        details.throttling = .init(periods: 1, throttledPeriods: 2, throttledTime: 3_000_000_000)
        details.devices = [.init(name: "/dev/sda"), .init(name: "/dev/sdb")]
        details.processes = 4
        details.tasksLimit = 0
        details.files = .init(descriptors: 12, sockets: 3, softLimit: 1024)
        details.hugePages = [
            .init(size: "2MB", usage: 4 << 20, maxUsage: 6 << 20), .init(size: "1GB", usage: 0, maxUsage: nil),
        ]
        details.reservation = 5
        return details
    }

    private func make() async throws -> (UseCases, PodSandbox, Container) {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake("a"), in: pod)
        try await useCases.startContainer(id)
        let container = try useCases.containerStatus(id)
        let sandbox = try useCases.podSandboxStatus(pod).pod
        node.usage.set(details, for: sandbox.cgroup)
        node.usage.set(details, for: container.cgroup)
        node.usage.set(
            NetworkUsage(
                at: Timestamp(nanoseconds: 1),
                main: InterfaceUsage(
                    name: "eth0", received: .init(bytes: 1, packets: 2), sent: .init(bytes: 3, dropped: 4)),
                others: [InterfaceUsage(name: "net1", received: .init(bytes: 5), sent: .init(bytes: 6))]),
            for: sandbox.networkNamespace)
        return (useCases, sandbox, container)
    }

    @Test("Every metric has a value for each label key of its family, and no two are the same")
    func labels() async throws {
        let (useCases, pod, container) = try await make()
        let size = FilesystemUsage(timestamp: .init(nanoseconds: 3), mountpoint: "/m", usedBytes: 8192, inodesUsed: 2)
        node.layers.set(size, for: container.writableLayer)
        await useCases.writableLayers.measureAll()
        let all = await useCases.podSandboxMetrics()
        let metrics = try #require(all.count == 1 ? all.first : nil)
        #expect(metrics.pod == pod.id && metrics.containers.map(\.container) == [container.id])
        let flat = metrics.metrics + metrics.containers.flatMap(\.metrics)
        #expect(flat.count > 50)
        for metric in flat { #expect(metric.labelValues.count == metric.family.labelKeys.count, "\(metric.family)") }
        #expect(Set(flat.map { [$0.family.rawValue] + $0.labelValues }).count == flat.count)
        func value(_ family: MetricName, _ labels: [String: String], in list: [Metric]) -> UInt64? {
            list.first { metric in
                metric.family == family
                    && labels.allSatisfy { label in
                        zip(family.labelKeys, metric.labelValues).contains { $0 == label.key && $1 == label.value }
                    }
            }?.value
        }
        let own = metrics.containers[0].metrics
        let labels = [
            "container": "a", "pod": "web", "namespace": "default", "name": container.id.rawValue, "image": "busybox",
            "id": container.cgroup,
        ]
        #expect(value(.cpuUsage, labels, in: own) == 3)
        #expect(own.first { $0.family == .cpuUsage }?.exactValue == 3.9)
        #expect(value(.cfsThrottledTime, labels, in: own) == 3)
        #expect(value(.memoryWorkingSet, labels, in: own) == 60)
        #expect(value(.memoryFailures, ["failure_type": "pgmajfault"], in: own) == 30)
        #expect(value(.specMemoryLimit, labels, in: own) == 0)
        #expect(value(.processes, labels, in: own) == 4 && value(.threads, labels, in: own) == 9)
        #expect(value(.pressureIOWaiting, labels, in: own) == 2 && value(.pressureCPUWaiting, [:], in: own) == nil)
        #expect(value(.threadsMax, labels, in: own) == 0)
        #expect(value(.fileDescriptors, labels, in: own) == 12 && value(.sockets, labels, in: own) == 3)
        #expect(value(.softLimits, ["ulimit": "max_open_files"], in: own) == 1024)
        // What processes have open is looked up of containers alone.
        #expect(value(.fileDescriptors, [:], in: metrics.metrics) == nil)
        #expect(value(.hugePages, ["pagesize": "2MB"], in: own) == 4 << 20)
        #expect(value(.hugePagesMax, ["pagesize": "2MB"], in: own) == 6 << 20)
        #expect(value(.hugePagesMax, ["pagesize": "1GB"], in: own) == nil)
        #expect(value(.specMemoryReservation, labels, in: own) == 5)
        #expect(value(.deviceUsage, ["device": "/dev/sda", "operation": "Write"], in: own) == 0)
        #expect(value(.fsInodesTotal, labels, in: own) == 5000 && value(.fsInodesFree, labels, in: own) == 4000)
        #expect(value(.fsUsage, labels, in: own) == 8192 && value(.fsLimit, labels, in: own) == 1 << 30)
        #expect(own.first { $0.family == .fsUsage }?.takenAt == size.timestamp)
        #expect(own.first { $0.family == .cpuUsage }?.takenAt == nil)
        #expect(value(.networkReceiveBytes, ["interface": "net1", "container": ""], in: metrics.metrics) == 5)
        #expect(value(.networkTransmitDropped, ["interface": "eth0", "pod": "web"], in: metrics.metrics) == 4)
        #expect(value(.cpuUsage, ["container": "", "id": pod.cgroup], in: metrics.metrics) == 3)
    }

    @Test("What is gone is left out")
    func gone() async throws {
        let (useCases, pod, container) = try await make()
        let id = try await useCases.createContainer(.fake("gone"), in: pod.id)
        try await useCases.startContainer(id)
        #expect(await useCases.podSandboxMetrics().flatMap(\.containers).map(\.container) == [container.id])
        let other = try await useCases.runPodSandbox(.fake("other"))
        #expect(await useCases.podSandboxMetrics().map(\.pod) == [pod.id])
        try await useCases.removePodSandbox(other)
        try await useCases.stopPodSandbox(pod.id)
        #expect(await useCases.podSandboxMetrics().isEmpty)
    }

    @Test("Every family says what it is, under a name of its own", arguments: MetricName.allCases)
    func families(family: MetricName) {
        #expect(family.rawValue.hasPrefix("container_") && !family.help.isEmpty)
        #expect(Set(family.labelKeys).count == family.labelKeys.count)
        // Two names are of other days than the convention.
        let isTotal = family.rawValue.hasSuffix("_total") && family != .fsInodesTotal
        #expect(family.isCounter == (isTotal || family == .memoryFailcnt))
    }
}
