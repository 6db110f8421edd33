import DomainFakes
import Testing
import Waiting

@testable import Domain

@Suite("ContainerStats and PodSandboxStats", .timeLimit(.minutes(10)))
struct StatsTests {
    let node = FakeNode()

    private func usage(at seconds: Int64, cpu: UInt64? = nil) -> CgroupUsage {
        CgroupUsage(at: Timestamp(nanoseconds: seconds * 1_000_000_000), cpu: cpu)
    }

    private func container(_ name: String, in pod: PodID, _ useCases: UseCases) async throws -> Container {
        let id = try await useCases.createContainer(.fake(name), in: pod)
        try await useCases.startContainer(id)
        return try useCases.containerStatus(id)
    }

    private func make() async throws -> (UseCases, PodSandbox, Container) {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await container("a", in: pod, useCases)
        return (useCases, try useCases.podSandboxStatus(pod).pod, container)
    }

    @Test("Only what runs has figures: anything else is an error by itself, and not in a list")
    func onlyRunning() async throws {
        let (useCases, pod, running) = try await make()
        let created = try await useCases.createContainer(.fake("b"), in: pod.id)
        for id in [running.id, created] {
            node.usage.set(usage(at: 1, cpu: 5), for: try useCases.containerStatus(id).cgroup)
        }
        #expect(try await useCases.containerStats(running.id).usage.cpu == 5)
        #expect(await useCases.containerStats().map(\.container.id) == [running.id])
        await expectError(.failedPrecondition, naming: created.rawValue, "created") {
            _ = try await useCases.containerStats(created)
        }
        await expectError(.notFound) { _ = try await useCases.containerStats(.fake(9)) }
        await expectError(.notFound) { _ = try await useCases.podSandboxStats(.fake(9)) }
        try await useCases.stopPodSandbox(pod.id)
        await expectError(.failedPrecondition, naming: pod.id.rawValue) {
            _ = try await useCases.podSandboxStats(pod.id)
        }
        #expect(await useCases.podSandboxStats().isEmpty)
    }

    @Test("What vanishes while it is read, or does not answer, is left out of lists and of its pod")
    func vanishing() async throws {
        let (useCases, pod, kept) = try await make()
        let gone = try await container("gone", in: pod.id, useCases)
        let stuck = try await container("stuck", in: pod.id, useCases)
        node.usage.set(usage(at: 1, cpu: 5), for: kept.cgroup)
        node.usage.set(usage(at: 1, cpu: 7), for: pod.cgroup)
        node.usage.set(.failed(DomainError(.unavailable, "does not answer")), for: stuck.cgroup)
        #expect(await useCases.containerStats().map(\.container.id) == [kept.id])
        let whole = try await useCases.podSandboxStats(pod.id)
        #expect(whole.usage?.cpu == 7 && whole.containers.map(\.container.id) == [kept.id])
        await expectError(.unavailable) { _ = try await useCases.containerStats(stuck.id) }
        await expectError(.failedPrecondition) { _ = try await useCases.containerStats(gone.id) }
        node.usage.set(.failed(DomainError(.unavailable, "does not answer")), for: pod.cgroup)
        #expect(await useCases.podSandboxStats().isEmpty)
        await expectError(.unavailable) { _ = try await useCases.podSandboxStats(pod.id) }
    }

    @Test("The rate is that of the last interval; one that is too short keeps the rate before")
    func rates() async throws {
        let (useCases, pod, container) = try await make()
        func read(_ milliseconds: Int64, _ cpu: UInt64) async throws -> [UInt64?] {
            let usage = CgroupUsage(at: Timestamp(nanoseconds: milliseconds * 1_000_000), cpu: cpu)
            node.usage.set(usage, for: container.cgroup)
            node.usage.set(usage, for: pod.cgroup)
            return [
                try await useCases.containerStats(container.id).nanoCores,
                try await useCases.podSandboxStats(pod.id).nanoCores,
            ]
        }
        #expect(try await read(10_000, 1_000) == [nil, nil])
        #expect(try await read(12_000, 2_000_001_000) == [1_000_000_000, 1_000_000_000])
        #expect(try await read(12_100, 2_000_002_000) == [1_000_000_000, 1_000_000_000])
        #expect(try await read(14_000, 2_000_001_000) == [0, 0])
        // The clock was set back, or the cgroup is another one.
        #expect(try await read(3_000, 2_000_001_000) == [nil, nil])
        #expect(try await read(4_000, 2_000_002_000) == [1_000, 1_000])
        #expect(try await read(5_000, 0) == [nil, nil])
        #expect(try await read(Int64.max / 1_000_000, UInt64.max).count == 2)
    }

    @Test("Those who ask for single containers leave nothing behind when these are gone")
    func nothingStays() async throws {
        let (useCases, pod, first) = try await make()
        node.usage.set(usage(at: 1, cpu: 5), for: first.cgroup)
        for number in 0..<20 {
            let container = try await container("n\(number)", in: pod.id, useCases)
            node.usage.set(usage(at: 1, cpu: 5), for: container.cgroup)
            _ = try await useCases.containerStats(container.id)
            _ = try await useCases.containerStats(container.id)
            try await useCases.removeContainer(container.id)
        }
        #expect(useCases.containerStats.rates.count == 1)
        _ = await useCases.containerStats()
        #expect(useCases.containerStats.rates.count == 1)
        for number in 0..<5 {
            let pod = try await useCases.runPodSandbox(.fake("p\(number)"))
            node.usage.set(usage(at: 1, cpu: 5), for: try useCases.podSandboxStatus(pod).pod.cgroup)
            _ = try await useCases.podSandboxStats(pod)
            try await useCases.removePodSandbox(pod)
        }
        #expect(useCases.podSandboxStats.rates.count == 1)
    }

    @Test("A pod's network is looked for through its running containers; with the host's there is none")
    func network() async throws {
        let (useCases, pod, _) = try await make()
        node.usage.set(usage(at: 1), for: pod.cgroup)
        let main = InterfaceUsage(name: "eth0", received: .init(bytes: 1), sent: .init(bytes: 2))
        node.usage.set(NetworkUsage(at: Timestamp(nanoseconds: 1), main: main), for: pod.networkNamespace)
        #expect(try await useCases.podSandboxStats(pod.id).network?.main == main)
        #expect(node.usage.places == [NetworkPlace(processes: [4242], namespace: pod.networkNamespace)])
        let empty = try await useCases.runPodSandbox(.fake("empty"))
        node.usage.set(usage(at: 1), for: try useCases.podSandboxStatus(empty).pod.cgroup)
        #expect(try await useCases.podSandboxStats(empty).network == nil)
        #expect(node.usage.places.isEmpty)
    }

    @Test("The layer of a container that was just started is measured at once")
    func firstLayer() async throws {
        let (useCases, pod, _) = try await make()
        let measuring = Task { await useCases.writableLayers.run() }
        await node.clock.sleeper(within: WritableLayers.interval)
        let id = try await useCases.createContainer(.fake("new"), in: pod.id)
        let layer = try useCases.containerStatus(id).writableLayer
        let size = FilesystemUsage(timestamp: .init(nanoseconds: 3), mountpoint: "/m", usedBytes: 4096, inodesUsed: 1)
        node.layers.set(size, for: layer)
        try await useCases.startContainer(id)
        try await until("the layer of a container that was started is measured") {
            useCases.writableLayers.usage(of: id) == size
        }
        #expect(useCases.writableLayers.capacity?.inodes == 5000)
        measuring.cancel()
        await measuring.value
    }

    @Test("Writable layers are measured without being asked for, and forgotten with their containers")
    func layers() async throws {
        let (useCases, pod, container) = try await make()
        node.usage.set(usage(at: 1, cpu: 5), for: container.cgroup)
        let size = FilesystemUsage(timestamp: .init(nanoseconds: 3), mountpoint: "/m", usedBytes: 8192, inodesUsed: 2)
        node.layers.set(size, for: container.writableLayer)
        #expect(try await useCases.containerStats(container.id).writableLayer == nil)
        #expect(node.layers.measured.isEmpty)
        let measuring = Task { await useCases.writableLayers.run() }
        await node.clock.sleeper(within: WritableLayers.interval)
        #expect(try await useCases.containerStats(container.id).writableLayer == size)
        var later = size
        later.usedBytes = 16384
        node.layers.set(later, for: container.writableLayer)
        #expect(try await useCases.containerStats(container.id).writableLayer == size)
        node.clock.advance(by: WritableLayers.interval)
        await node.clock.sleeper(within: WritableLayers.interval)
        #expect(try await useCases.containerStats(container.id).writableLayer == later)
        #expect(node.layers.measured.count == 2)
        try await useCases.stopContainer(container.id, grace: .zero)
        node.clock.advance(by: WritableLayers.interval)
        await node.clock.sleeper(within: WritableLayers.interval)
        #expect(useCases.writableLayers.usage(of: container.id) == nil)
        #expect(node.layers.measured.count == 2)
        measuring.cancel()
        await measuring.value
        _ = pod
    }
}
