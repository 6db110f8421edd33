import Domain
import DomainFakes
import Testing

@Suite("StartContainer", .timeLimit(.minutes(10)))
struct StartContainerTests {
    let node = FakeNode()

    @Test("A created container runs after its start, and only a created one can be started")
    func fromCreatedOnly() async throws {
        let useCases = node.useCases()
        let (pod, id) = try await useCases.runningContainer()
        let running = try useCases.containerStatus(id)
        #expect(running.state == .running)
        #expect(running.startedAt > running.createdAt)
        await expectError(.failedPrecondition, naming: id.rawValue, "running") { try await useCases.startContainer(id) }
        node.engine.exits(id, of: pod, code: 0)
        await useCases.followEngine.check()
        await expectError(.failedPrecondition, naming: id.rawValue, "exited") { try await useCases.startContainer(id) }
        await expectError(.notFound) { try await useCases.startContainer(.fake(9)) }
    }

    @Test("A command that cannot be started leaves an exited container, code 128 and StartError, and an event")
    func startError() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.command = ["/does/not/exist"]
        let id = try await useCases.createContainer(config, in: pod)
        var events = useCases.containerEvents().makeAsyncIterator()
        await expectError(.invalidArgument, naming: id.rawValue) { try await useCases.startContainer(id) }
        let container = try useCases.containerStatus(id)
        #expect(container.state == .exited)
        #expect(container.exit?.code == 128)
        #expect(container.exit?.reason == "StartError")
        #expect(container.startedAt == .never)
        let event = try await events.next()
        #expect(event?.kind == .stopped)
        #expect(event?.objectID == id.rawValue)
        #expect(event?.containers.first?.exit?.code == 128)
    }

    @Test("A failure before the attempt leaves the container created, and a retry starts it")
    func failureBefore() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        node.failpoints.arm(.engineStartContainer, .before, .fail(broken))
        await expectError(.unavailable) { try await useCases.startContainer(id) }
        #expect(try useCases.containerStatus(id).state == .created)
        try await useCases.startContainer(id)
        #expect(try useCases.containerStatus(id).state == .running)
    }

    @Test("A failure after the attempt leaves the truth in the index")
    func failureAfter() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        node.failpoints.arm(.engineStartContainer, .after, .fail(broken))
        await expectError(.unavailable) { try await useCases.startContainer(id) }
        #expect(try useCases.containerStatus(id).state == .running)
    }

    @Test("Calls join, and the start goes on though all callers have left")
    func joining() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        let gate = node.failpoints.hold(.engineStartContainer, .before)
        let calls = (0..<10).map { _ in Task { try await useCases.startContainer(id) } }
        await gate.arrival()
        try await useCases.startContainer.flights.callers(10)
        for call in calls { call.cancel() }
        for call in calls { await expectError(.cancelled) { try await call.value } }
        gate.open()
        await useCases.startContainer.flights.drain(cancelling: false)
        #expect(node.failpoints.count(.engineStartContainer) == 1)
        #expect(try useCases.containerStatus(id).state == .running)
    }
}

@Suite("StopContainer", .timeLimit(.minutes(10)))
struct StopContainerTests {
    let node = FakeNode()

    @Test(
        "The exit is recorded when the call returns; grace 0 kills at once",
        arguments: [(10, 143), (0, 137), (-5, 137)] as [(Int, Int32)])
    func exitRecorded(grace: Int, code: Int32) async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        try await useCases.stopContainer(id, grace: .seconds(grace))
        #expect(try useCases.containerStatus(id).exit?.code == code)
        useCases.expectTrueIndex(of: node)
    }

    @Test("The config's own stop signal is sent")
    func signal() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.stopSignal = Signal(name: "SIGUSR1")
        let id = try await useCases.createContainer(config, in: pod)
        try await useCases.startContainer(id)
        try await useCases.stopContainer(id, grace: .seconds(1))
        #expect(try useCases.containerStatus(id).exit?.code == 138)
    }

    @Test("An unknown or exited container is stopped already; a created one is killed at once")
    func idempotent() async throws {
        let useCases = node.useCases()
        try await useCases.stopContainer(.fake(8), grace: .zero)
        let (pod, id) = try await useCases.runningContainer()
        try await useCases.stopContainer(id, grace: .zero)
        try await useCases.stopContainer(id, grace: .zero)
        #expect(node.failpoints.count(.engineStopContainer) == 1)
        let created = try await useCases.createContainer(.fake("other"), in: pod)
        try await useCases.stopContainer(created, grace: .seconds(60))
        #expect(try useCases.containerStatus(created).exit?.code == 137)
    }

    @Test("Equal and longer graces join the stop in flight; a shorter one is a second call that ends them all")
    func joining() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(.engineStopContainer, .before)
        let slow = (0..<5).map { _ in Task { try await useCases.stopContainer(id, grace: .seconds(30)) } }
        await gate.arrival()
        let slower = Task { try await useCases.stopContainer(id, grace: .seconds(60)) }
        try await useCases.stopContainer.flights.callers(6)
        #expect(node.failpoints.count(.engineStopContainer) == 1)

        try await useCases.stopContainer(id, grace: .zero)
        #expect(node.failpoints.count(.engineStopContainer) == 2)
        #expect(try useCases.containerStatus(id).exit?.code == 137)
        gate.open()
        for call in slow + [slower] { try await call.value }
        #expect(try useCases.containerStatus(id).exit?.code == 137)
    }

    @Test("A caller who leaves stops waiting, and the stop goes on")
    func callerLeaves() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(.engineStopContainer, .before)
        let call = Task { try await useCases.stopContainer(id, grace: .seconds(30)) }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { try await call.value }
        gate.open()
        await useCases.stopContainer.flights.drain(cancelling: false)
        #expect(try useCases.containerStatus(id).state == .exited)
    }

    @Test("A stop that failed of a container that has ended all the same was one", arguments: [true, false])
    func failureAndEnd(bySupervisor: Bool) async throws {
        let useCases = node.useCases()
        let (pod, id) = try await useCases.runningContainer()
        if bySupervisor {
            try await node.engine.withoutEvents { node.engine.supervisorEnds(pod) }
            node.failpoints.arm(.engineStopContainer, .before, .fail(DomainError(.internal, "nobody there")))
        } else {
            node.failpoints.arm(.engineStopContainer, .after, .fail(broken))
        }
        try await useCases.stopContainer(id, grace: .zero)
        #expect(try useCases.containerStatus(id).exit?.code == 137)
    }

    @Test("A failure is told, and a retry succeeds")
    func failure() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        node.failpoints.arm(.engineStopContainer, .before, .fail(broken))
        await expectError(.unavailable) { try await useCases.stopContainer(id, grace: .zero) }
        try await useCases.stopContainer(id, grace: .zero)
        #expect(try useCases.containerStatus(id).state == .exited)
    }

    @Test("A container that is gone behind our back is stopped, and forgotten")
    func gone() async throws {
        let useCases = node.useCases()
        let (pod, id) = try await useCases.runningContainer()
        try await node.engine.removeContainer(id, of: pod)
        try await useCases.stopContainer(id, grace: .zero)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("A caller with a grace does not inherit the shorter one of a stop that has failed")
    func ownGrace() async throws {
        let useCases = node.useCases()
        let (_, container) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(.engineStopContainer, .before)
        let kill = Task { try await useCases.stopContainer(container, grace: .zero) }
        await gate.arrival()
        let gentle = Task { try await useCases.stopContainer(container, grace: .seconds(30)) }
        try await useCases.stopContainer.flights.callers(2)
        gate.open()
        try await kill.value
        try await gentle.value
        #expect(node.failpoints.count(.engineStopContainer) == 1)
    }

    @Test("A container that is being started when its stop comes is not killed without its grace")
    func stopDuringStart() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        let gate = node.failpoints.hold(.engineStartContainer, .after)
        let start = Task { try await useCases.startContainer(container) }
        await gate.arrival()
        try await useCases.stopContainer(container, grace: .seconds(5))
        gate.open()
        _ = try? await start.value
        // SIGTERM, not SIGKILL.
        #expect(try useCases.containerStatus(container).exit?.code == 143)
    }

    @Test("The end of the daemon waits for no grace, and for nothing longer than its limit")
    func drain() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await useCases.runningContainer()
        let grace = node.failpoints.hold(.engineStopContainer, .before)
        let stop = Task { try await useCases.stopContainer(container, grace: .seconds(3600)) }
        await grace.arrival()
        await useCases.drain()
        await expectError(.cancelled) { try await stop.value }

        let hung = node.failpoints.hold(.engineFinish, .before, heedsCancellation: false)
        let end = Task { try await useCases.stopPodSandbox(pod) }
        await hung.arrival()
        let drained = Task { await useCases.drain() }
        await node.clock.sleeper(within: .seconds(30))
        node.clock.advance(by: .seconds(30))
        await drained.value
        #expect(node.diagnostics.warnings.contains { $0.message.contains("in flight") })
        hung.open()
        try await end.value
    }
}

@Suite("RemoveContainer", .timeLimit(.minutes(10)))
struct RemoveContainerTests {
    let node = FakeNode()

    @Test("A running container is killed and removed; the exit is told of before the removal")
    func running() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        var events = useCases.containerEvents().makeAsyncIterator()
        try await useCases.removeContainer(id)
        await expectError(.notFound) { _ = try useCases.containerStatus(id) }
        #expect(try await events.next()?.kind == .stopped)
        #expect(try await events.next()?.kind == .deleted)
        useCases.expectTrueIndex(of: node)
    }

    @Test("An unknown container is removed already, and a removed one does not come back")
    func idempotent() async throws {
        let useCases = node.useCases()
        try await useCases.removeContainer(.fake(8))
        let (_, id) = try await useCases.runningContainer()
        let container = try useCases.containerStatus(id)
        try await useCases.removeContainer(id)
        try await useCases.removeContainer(id)
        #expect(node.failpoints.count(.engineRemoveContainer) == 1)
        useCases.context.index.apply(.container(container))
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("A failure is told, the container stays, and a retry succeeds", arguments: Failpoints.Moment.allCases)
    func failure(_ moment: Failpoints.Moment) async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        node.failpoints.arm(.engineRemoveContainer, moment, .fail(broken))
        await expectError(.unavailable) { try await useCases.removeContainer(id) }
        #expect(useCases.listContainers().map(\.id) == [id])
        try await useCases.removeContainer(id)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("A failing kill does not stop the removal, which kills too")
    func killFails() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        node.failpoints.arm(.engineStopContainer, .before, .fail(broken))
        try await useCases.removeContainer(id)
        #expect(node.diagnostics.warnings.count == 1)
        useCases.expectTrueIndex(of: node)
    }

    @Test("Calls join, and the removal goes on though all callers have left")
    func joining() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        let gate = node.failpoints.hold(.engineRemoveContainer, .before)
        let calls = (0..<10).map { _ in Task { try await useCases.removeContainer(id) } }
        await gate.arrival()
        try await useCases.removeContainer.flights.callers(10)
        for call in calls { call.cancel() }
        for call in calls { await expectError(.cancelled) { try await call.value } }
        gate.open()
        await useCases.removeContainer.flights.drain(cancelling: false)
        #expect(node.failpoints.count(.engineRemoveContainer) == 1)
        #expect(useCases.listContainers().isEmpty)
    }
}

@Suite("ExecSync", .timeLimit(.minutes(10)))
struct ExecSyncTests {
    let node = FakeNode()

    @Test("A command runs in a running container, with the output bound below a message; timeout 0 means none")
    func runs() async throws {
        let useCases = node.useCases()
        let (pod, id) = try await useCases.runningContainer()
        let result = try await useCases.execSync(["exit", "7"], in: id, timeout: .zero)
        #expect(result.exitCode == 7)
        _ = try await useCases.execSync(["ls"], in: id, timeout: .seconds(3))
        #expect(
            node.exec.calls == [
                .init(command: ["exit", "7"], container: id, pod: pod, timeout: nil, outputLimit: 16_711_680),
                .init(command: ["ls"], container: id, pod: pod, timeout: .seconds(3), outputLimit: 16_711_680),
            ])
    }

    @Test("Unknown, not running, no command and a negative timeout are refused before anything runs")
    func refused() async throws {
        let useCases = node.useCases()
        let (pod, id) = try await useCases.runningContainer()
        let created = try await useCases.createContainer(.fake("created"), in: pod)
        await expectError(.notFound) { _ = try await useCases.execSync(["ls"], in: .fake(1), timeout: nil) }
        await expectError(.failedPrecondition, naming: "created") {
            _ = try await useCases.execSync(["ls"], in: created, timeout: nil)
        }
        await expectError(.invalidArgument, naming: "cmd") { _ = try await useCases.execSync([], in: id, timeout: nil) }
        await expectError(.invalidArgument, naming: "cmd") {
            _ = try await useCases.execSync([""], in: id, timeout: nil)
        }
        await expectError(.invalidArgument, naming: "timeout") {
            _ = try await useCases.execSync(["ls"], in: id, timeout: .seconds(-1))
        }
        #expect(node.exec.calls.isEmpty)
    }

    @Test("The deadline's own error reaches the caller")
    func deadline() async throws {
        let useCases = node.useCases()
        let (_, id) = try await useCases.runningContainer()
        await expectError(.deadlineExceeded) { _ = try await useCases.execSync(["hang"], in: id, timeout: .seconds(1)) }
    }
}
