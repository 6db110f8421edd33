import Domain
import DomainFakes
import Synchronization
import Testing
import Waiting

@Suite("FollowEngine", .timeLimit(.minutes(10)))
struct FollowEngineTests {
    let node = FakeNode()

    @Test("What happens in the engine is in the index by its event, and subscribers hear of it")
    func events() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        let follow = Task { await useCases.followEngine.run() }
        var events = useCases.containerEvents().makeAsyncIterator()
        try await node.readers(1)
        node.engine.exits(container, of: pod, code: 5)
        let stopped = try await events.next()
        #expect(stopped?.kind == .stopped)
        #expect(stopped?.objectID == container.rawValue)
        #expect(stopped?.containers.first?.exit?.code == 5)
        #expect(stopped?.pod?.id == pod)
        #expect(try useCases.containerStatus(container).exit?.code == 5)
        follow.cancel()
        await follow.value
    }

    @Test("A pod that ends by itself is told of, with its unit and the cause; one that is stopped here is not")
    func death() async throws {
        let useCases = node.useCases()
        let (pod, other) = (try await useCases.runPodSandbox(.fake("a")), try await useCases.runPodSandbox(.fake("b")))
        let follow = Task { await useCases.followEngine.run() }
        try await node.readers(1)
        try await useCases.stopPodSandbox(other)
        var record = try #require(node.engine.snapshot.first { $0.pod.id == pod })
        record.pod.state = .notReady
        record.pod.message = "its supervisor was killed by SIGKILL"
        node.engine.add(record)
        try await until("a warning") { !node.diagnostics.warnings.isEmpty }
        node.engine.add(record)
        follow.cancel()
        await follow.value
        #expect(node.diagnostics.warnings.map(\.message) == ["a pod ended by itself"])
        #expect(
            node.diagnostics.warnings.first?.fields == [
                "pod": pod.rawValue, "name": "default/a", "unit": "rktlet-pod-\(pod).service",
                "cause": "its supervisor was killed by SIGKILL",
            ])
        #expect(try useCases.podSandboxStatus(pod).pod.message == "its supervisor was killed by SIGKILL")
    }

    @Test("A pod that others removed goes by the first snapshot, and one that came after it stays")
    func snapshot() async throws {
        let useCases = node.useCases()
        let old = try await useCases.runPodSandbox(.fake("old"))
        let stale = node.engine.snapshot
        let new = try await useCases.runPodSandbox(.fake("new"))
        // Late news from before the second pod.
        #expect(useCases.context.index.apply(.snapshot(stale)))
        #expect(Set(useCases.listPodSandboxes().map(\.id)) == [old, new])

        try await node.launcher.stop(old)
        try await node.engine.finish(old)
        try await node.engine.remove(old)
        var events = useCases.containerEvents().makeAsyncIterator()
        let follow = Task { await useCases.followEngine.run() }
        let deleted = try await events.next()
        #expect(deleted?.kind == .deleted)
        #expect(deleted?.objectID == old.rawValue)
        #expect(useCases.listPodSandboxes().map(\.id) == [new])
        follow.cancel()
        await follow.value
    }

    @Test("The inventory is checked every interval, so that a lost event does not matter for long")
    func periodic() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        let follow = Task { await useCases.followEngine.run() }
        try await node.readers(1)
        await node.clock.sleeper()
        var events = useCases.containerEvents().makeAsyncIterator()
        try await node.engine.withoutEvents { try await node.engine.removeContainer(container, of: pod) }
        #expect(useCases.listContainers().count == 1)
        node.clock.advance(by: .seconds(60))
        #expect(try await events.next()?.kind == .deleted)
        #expect(useCases.listContainers().isEmpty)
        follow.cancel()
        await follow.value
    }

    @Test("Something published while the inventory was read is not lost")
    func checkRaces() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.engineInventory, .after)
        let check = Task { await useCases.followEngine.check() }
        await gate.arrival()
        let (pod, container) = try await useCases.runningContainer()
        gate.open()
        await check.value
        #expect(useCases.listPodSandboxes().map(\.id) == [pod])
        #expect(useCases.listContainers().map(\.id) == [container])
    }

    @Test("Something removed while the inventory was read does not come back")
    func checkRacesRemoval() async throws {
        let useCases = node.useCases()
        let (pod, _) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(.engineInventory, .after)
        let check = Task { await useCases.followEngine.check() }
        await gate.arrival()
        try await useCases.removePodSandbox(pod)
        gate.open()
        await check.value
        #expect(useCases.listPodSandboxes().isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("Images that others changed are read again by their event")
    func images() async throws {
        let useCases = node.useCases()
        _ = try await useCases.listImages()
        let follow = Task { await useCases.followEngine.run() }
        try await node.readers(1)
        node.images.add(ImageTests.alpine)
        node.engine.tell(.images)
        try await until("the second image") { try await useCases.listImages().count == 2 }
        follow.cancel()
        await follow.value
        #expect(try await useCases.listImages().contains { $0.id == ImageTests.alpine.id })
    }

    @Test("Following ends when its task is cancelled or the stream ends")
    func ends() async throws {
        let useCases = node.useCases()
        let first = Task { await useCases.followEngine.run() }
        try await node.readers(1)
        first.cancel()
        await first.value
        try await until("the end of the first reading") { node.engine.readers == 0 }
        let second = Task { await useCases.followEngine.run() }
        try await node.readers(1)
        node.engine.endEvents()
        await second.value
        try await until("the end of the second reading") { node.engine.readers == 0 }
    }
}

extension FakeNode {
    /// Returns once this many read the engine's events.
    fileprivate func readers(_ count: Int) async throws {
        try await until("\(count) readers of events") { engine.readers >= count }
    }
}
