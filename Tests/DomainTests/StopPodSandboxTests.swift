import Domain
import DomainFakes
import Testing

@Suite("StopPodSandbox", .timeLimit(.minutes(10)))
struct StopPodSandboxTests {
    let node = FakeNode()

    private let wholePods = EngineFeatures(
        name: "fake", version: "1", recursiveReadOnlyMounts: true, userNamespaces: true, stopTimeouts: true,
        wholePods: true)

    @Test("An engine that ends and removes whole pods is called once for each")
    func wholePod() async throws {
        node.engine.become(wholePods)
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        node.failpoints.forgetCalls()
        try await useCases.stopPodSandbox(pod)
        #expect(node.failpoints.calls == [.engineFinish, .launcherStop])
        useCases.expectTrueIndex(of: node)
        node.failpoints.forgetCalls()
        try await useCases.removePodSandbox(pod)
        #expect(node.failpoints.calls == [.engineRemove])
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("When such an engine cannot end a pod that runs, its unit is stopped, and the rest follows")
    func wholePodFails() async throws {
        node.engine.become(wholePods)
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        node.failpoints.forgetCalls()
        node.failpoints.arm(.engineFinish, .before, .fail(broken))
        try await useCases.stopPodSandbox(pod)
        #expect(
            node.failpoints.calls == [.engineFinish, .engineStopContainer, .launcherStop, .engineFinish])
        useCases.expectTrueIndex(of: node)
    }

    @Test("Containers die, then the unit stops, then the network is detached, then the pod is not ready")
    func order() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        let created = try await useCases.createContainer(.fake("created"), in: pod)
        node.failpoints.forgetCalls()
        let gate = node.failpoints.hold(.engineFinish, .before)
        let stop = Task { try await useCases.stopPodSandbox(pod) }
        await gate.arrival()
        #expect(node.failpoints.calls == [.engineStopContainer, .launcherStop, .engineFinish])
        #expect(try useCases.podSandboxStatus(pod).pod.state == .ready)
        #expect(try useCases.containerStatus(container).exit?.code == 137)
        gate.open()
        try await stop.value

        let status = try useCases.podSandboxStatus(pod)
        #expect(status.pod.state == .notReady)
        #expect(!status.pod.networkAttached)
        #expect(try useCases.containerStatus(created).state == .exited)
        useCases.expectTrueIndex(of: node)
    }

    @Test("A stop can be repeated, and the second one does nothing; an unknown pod is stopped already")
    func repeatable() async throws {
        let useCases = node.useCases()
        try await useCases.stopPodSandbox(.fake(5))
        let (pod, _) = try await useCases.runningContainer()
        try await useCases.stopPodSandbox(pod)
        node.failpoints.forgetCalls()
        try await useCases.stopPodSandbox(pod)
        #expect(node.failpoints.calls.isEmpty)
    }

    @Test(
        "A failure at any step is told, and a retry succeeds",
        arguments: Step.all(.launcherStop, .engineFinish, .engineRecord))
    func failure(at step: Step) async throws {
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        node.failpoints.arm(step.call, step.moment, .fail(broken))
        await expectError(.unavailable, naming: "failpoint") { try await useCases.stopPodSandbox(pod) }
        try await useCases.stopPodSandbox(pod)
        #expect(node.launcher.running.isEmpty)
        let status = try useCases.podSandboxStatus(pod)
        #expect(status.pod.state == .notReady)
        #expect(!status.pod.networkAttached)
        useCases.expectTrueIndex(of: node)
    }

    @Test(
        "A network that cannot be detached stays attached in the status, also when the engine tells that the pod is down"
    )
    func detachFails() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.failpoints.arm(.engineFinish, .before, .fail(broken))
        await expectError(.unavailable) { try await useCases.stopPodSandbox(pod) }
        #expect(try useCases.podSandboxStatus(pod).pod.networkAttached)
        await useCases.followEngine.check()
        #expect(try useCases.podSandboxStatus(pod).pod.state == .notReady)
        #expect(try useCases.podSandboxStatus(pod).pod.networkAttached)
        try await useCases.stopPodSandbox(pod)
        #expect(try useCases.podSandboxStatus(pod).pod.networkAttached == false)
        #expect(node.failpoints.count(.engineFinish) == 2)
    }

    @Test("A container that cannot be killed does not stop the stop: it dies with the unit")
    func killFails() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        node.failpoints.arm(.engineStopContainer, .before, .fail(broken))
        try await useCases.stopPodSandbox(pod)
        #expect(try useCases.containerStatus(container).state == .exited)
        #expect(node.diagnostics.warnings.count == 1)
    }

    @Test(
        "Calls join, and the stop goes on though all callers have left",
        arguments: Step.all(.launcherStop, .engineFinish))
    func callersLeave(at step: Step) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(step.call, step.moment)
        let calls = (0..<10).map { _ in Task { try await useCases.stopPodSandbox(pod) } }
        await gate.arrival()
        try await useCases.stopPodSandbox.flights.callers(10)
        for call in calls { call.cancel() }
        for call in calls { await expectError(.cancelled) { try await call.value } }
        gate.open()
        await useCases.stopPodSandbox.flights.drain(cancelling: false)
        #expect(node.failpoints.count(.launcherStop) == 1)
        #expect(try useCases.podSandboxStatus(pod).pod.networkAttached == false)
        useCases.expectTrueIndex(of: node)
    }

    @Test("A start that hangs is ended by the stop of its pod")
    func stopEndsStart() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        let gate = node.failpoints.hold(.engineStartContainer, .before)
        let start = Task { try await useCases.startContainer(container) }
        await gate.arrival()
        try await useCases.stopPodSandbox(pod)
        await expectError(.cancelled) { try await start.value }
        #expect(try useCases.containerStatus(container).state == .exited)
    }

    @Test("A stop kills a container whose own stop waits out a long grace")
    func graceIsCutShort() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        let grace = node.failpoints.hold(.engineStopContainer, .before)
        let slow = Task { try await useCases.stopContainer(container, grace: .seconds(3600)) }
        await grace.arrival()
        try await useCases.stopPodSandbox(pod)
        #expect(try useCases.containerStatus(container).exit?.code == 137)
        grace.open()
        try await slow.value
    }
}

@Suite("RemovePodSandbox", .timeLimit(.minutes(10)))
struct RemovePodSandboxTests {
    let node = FakeNode()

    @Test("A removal stops the pod, removes its containers, and takes the record last")
    func order() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        node.failpoints.forgetCalls()
        try await useCases.removePodSandbox(pod)
        #expect(
            node.failpoints.calls == [
                .engineStopContainer, .launcherStop, .engineFinish, .engineRecord, .engineRemoveContainer,
                .engineRemove,
            ])
        #expect(node.leftovers.isEmpty)
        await expectError(.notFound) { _ = try useCases.podSandboxStatus(pod) }
        await expectError(.notFound) { _ = try useCases.containerStatus(container) }
        // The name is free.
        #expect(try await useCases.runPodSandbox(.fake()) != pod)
    }

    @Test(
        "A failure at any step is told, the pod stays visible, and a retry succeeds",
        arguments: Step.all(.launcherStop, .engineFinish, .engineRemoveContainer, .engineRemove))
    func failure(at step: Step) async throws {
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        node.failpoints.arm(step.call, step.moment, .fail(broken))
        await expectError(.unavailable, naming: "failpoint") { try await useCases.removePodSandbox(pod) }
        #expect(useCases.listPodSandboxes().map(\.id) == [pod])
        try await useCases.removePodSandbox(pod)
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listPodSandboxes().isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test(
        "Calls join, and the removal goes on though all callers have left",
        arguments: Step.all(.launcherStop, .engineFinish, .engineRemoveContainer, .engineRemove))
    func callersLeave(at step: Step) async throws {
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(step.call, step.moment)
        let calls = (0..<10).map { _ in Task { try await useCases.removePodSandbox(pod) } }
        await gate.arrival()
        try await useCases.removePodSandbox.flights.callers(10)
        for call in calls { call.cancel() }
        for call in calls { await expectError(.cancelled) { try await call.value } }
        gate.open()
        await useCases.removePodSandbox.flights.drain(cancelling: false)
        #expect(node.failpoints.count(.engineRemove) == 1)
        #expect(node.leftovers.isEmpty)
    }

    @Test("An unknown pod is removed already, and one that is removed twice too")
    func unknown() async throws {
        let useCases = node.useCases()
        try await useCases.removePodSandbox(.fake(3))
        let pod = try await useCases.runPodSandbox(.fake())
        try await useCases.removePodSandbox(pod)
        try await useCases.removePodSandbox(pod)
        #expect(node.failpoints.count(.engineRemove) == 1)
    }
}
