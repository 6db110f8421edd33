import Domain
import DomainFakes
import Testing

@Suite("UpdateContainerResources, UpdatePodSandboxResources", .timeLimit(.minutes(10)))
struct UpdateResourcesTests {
    let node = FakeNode()

    private func limits(shares: Int64 = 0, memory: Int64 = 0) -> LinuxResources {
        var limits = LinuxResources()
        limits.cpuShares = shares
        limits.memoryLimit = memory
        return limits
    }

    @Test("Created and running containers are changed, exited ones refused; what is told is what is in force")
    func states() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        try await useCases.updateContainerResources(id, limits(shares: 512))
        #expect(try useCases.containerStatus(id).resources?.cpuShares == 512)
        try await useCases.startContainer(id)
        try await useCases.updateContainerResources(id, limits(memory: 4096))
        let told = try useCases.containerStatus(id).resources
        #expect((told?.cpuShares, told?.memoryLimit) == (512, 4096))
        // A repeated creation is still the same request.
        #expect(try await useCases.createContainer(.fake(), in: pod) == id)
        node.engine.exits(id, of: pod, code: 0)
        await useCases.followEngine.check()
        await expectError(.failedPrecondition, naming: id.rawValue, "exited") {
            try await useCases.updateContainerResources(id, limits(shares: 2))
        }
        await expectError(.notFound) { try await useCases.updateContainerResources(.fake(9), limits()) }
    }

    @Test("What the engine refuses leaves what is told as it was")
    func failure() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        node.failpoints.arm(.engineUpdateResources, .before, .fail(DomainError(.invalidArgument, "linux.cpu_quota")))
        await expectError(.invalidArgument, naming: "linux.cpu_quota") {
            try await useCases.updateContainerResources(id, limits(shares: 512))
        }
        #expect(try useCases.containerStatus(id).resources == nil)
    }

    @Test("News that are older than a change do not take it back")
    func lateNews() {
        let index = PodIndex(wallClock: node.ports.wallClock)
        var container = Container(
            id: .fake(1), podID: .fake(1), config: .fake(), imageID: ImageID("sha256:1"), logPath: "",
            createdAt: Timestamp(nanoseconds: 1))
        let before = container
        container.resources = limits(shares: 512)
        container.resourcesGeneration = 1
        index.learn(container)
        index.learn(before)
        #expect(index.container(.fake(1))?.resources?.cpuShares == 512)
    }

    @Test("A pod gets its resources and its overhead together")
    func pods() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        try await useCases.updatePodSandboxResources(
            pod, resources: limits(shares: 512, memory: 4096), overhead: limits(shares: 10, memory: 100))
        #expect(node.launcher.limited[pod]?.memory == 4196)
        #expect(node.launcher.limited[pod]?.cpuShares == 522)
        try await useCases.updatePodSandboxResources(pod, resources: limits(), overhead: limits(memory: 100))
        #expect(node.launcher.limited[pod]?.memory == nil)
        var score = LinuxResources()
        score.oomScoreAdjust = 5
        await expectError(.invalidArgument, naming: "resources.oom_score_adj") {
            try await useCases.updatePodSandboxResources(pod, resources: score, overhead: limits())
        }
        try await useCases.stopPodSandbox(pod)
        await expectError(.failedPrecondition) {
            try await useCases.updatePodSandboxResources(pod, resources: limits(), overhead: limits())
        }
    }
}
