import Domain
import DomainFakes
import Testing

@Suite("Recover", .timeLimit(.minutes(10)))
struct RecoverTests {
    let node = FakeNode()

    func record(
        _ number: UInt64, _ state: PodSandboxState, attached: Bool, containers states: [ContainerState] = []
    ) -> PodRecord {
        let pod = PodSandbox(
            id: .fake(number), config: .fake("pod\(number)"), state: state, createdAt: Timestamp(nanoseconds: 5),
            ips: ["10.0.0.9"],
            networkAttached: attached, unit: "u")
        let containers = states.enumerated().map { place, state in
            Container(
                id: .fake(number * 100 + UInt64(place), "c"), podID: pod.id, config: .fake("c\(place)"),
                imageID: Image.busybox.id,
                logPath: "", state: state, createdAt: Timestamp(nanoseconds: 6),
                exit: state == .exited
                    ? ContainerExit(finishedAt: Timestamp(nanoseconds: 7), code: 3, reason: "Error") : nil)
        }
        return PodRecord(pod: pod, containers: containers)
    }

    @Test("What runs is in the index, untouched")
    func running() async throws {
        let record = record(1, .ready, attached: true, containers: [.created, .running, .exited])
        node.engine.add(record)
        node.launcher.addUnit(.fake(1))
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.engine.records == [record.pod.id: record])
        #expect(Set(node.failpoints.calls) == [.engineInventory, .launcherUnits, .imagesList])
        useCases.expectTrueIndex(of: node)
        // The call that made it may be repeated by a kubelet that never heard the answer.
        #expect(try await useCases.runPodSandbox(record.pod.config) == record.pod.id)
    }

    @Test("Exit codes survive a restart")
    func exits() async throws {
        let before = node.useCases()
        let (pod, container) = try await before.runningContainer()
        node.engine.exits(container, of: pod, code: 42)
        let after = node.useCases()
        try await after.recovered()
        #expect(try after.containerStatus(container).exit?.code == 42)
        after.expectTrueIndex(of: node)
    }

    @Test("A unit without a pod is stopped")
    func orphanUnit() async throws {
        node.launcher.addUnit(.fake(7))
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.leftovers.isEmpty)
        #expect(node.diagnostics.notes.count == 1)
    }

    @Test("A half-made pod is undone, and its name is free", arguments: [true, false])
    func halfMade(hasUnit: Bool) async throws {
        let record = record(1, .creating, attached: true)
        node.engine.add(record)
        if hasUnit { node.launcher.addUnit(.fake(1)) }
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.leftovers.isEmpty)
        #expect(try await useCases.runPodSandbox(record.pod.config) != record.pod.id)
    }

    @Test(
        "A pod whose making was given up is undone whatever it looks like by now",
        arguments: [PodSandboxState.ready, .notReady])
    func halfMade(state: PodSandboxState) async throws {
        var record = record(1, state, attached: state == .ready)
        record.isHalfMade = true
        node.engine.add(record)
        if state == .ready { node.launcher.addUnit(.fake(1)) }
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.leftovers.isEmpty)
        #expect(try await useCases.runPodSandbox(record.pod.config) != record.pod.id)
    }

    struct Death: CustomTestStringConvertible {
        var call: PortCall
        var moment: Failpoints.Moment
        var testDescription: String { "\(moment.rawValue) \(call.rawValue)" }

        static let all = [PortCall.engineAbandon, .launcherStop, .engineFinish, .engineRemove].flatMap { call in
            Failpoints.Moment.allCases.map { Death(call: call, moment: $0) }
        }
    }

    @Test(
        "A pod whose making failed is gone after two daemons died over it, wherever, and its name is free",
        // After all of it nothing is left for a second one; before it was written down the pod is whole.
        arguments: Death.all.filter {
            $0.testDescription != "after engineRemove" && $0.testDescription != "before engineAbandon"
        },
        Death.all)
    func twoDeaths(first: Death, second: Death) async throws {
        let dead = [node.useCases(), node.useCases()]
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        let firstGate = node.failpoints.hold(first.call, first.moment)
        let call = Task { try await dead[0].runPodSandbox(.fake()) }
        await firstGate.arrival()
        // Not sooner: the first must not run into it.
        let secondGate = node.failpoints.hold(second.call, second.moment)
        let recovery = Task { try await dead[1].recovered() }
        await secondGate.arrival()

        let living = node.useCases()
        try await living.recovered()
        #expect(living.listPodSandboxes().isEmpty)
        #expect(node.leftovers.isEmpty)
        let id = try await living.runPodSandbox(.fake())
        #expect(living.listPodSandboxes().map(\.id) == [id])
        for gate in [firstGate, secondGate] { gate.open() }
        _ = try? await call.value
        try await recovery.value
    }

    @Test("A half-made pod that cannot be undone is visible as not ready")
    func halfMadeStays() async throws {
        node.engine.add(record(1, .creating, attached: true))
        node.failpoints.arm(.engineFinish, .before, .fail(broken))
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(useCases.listPodSandboxes().map(\.state) == [.notReady])
        try await useCases.removePodSandbox(.fake(1))
        #expect(node.leftovers.isEmpty)
    }

    @Test("A pod that is down with something left is finished, and kept", arguments: [true, false], [true, false])
    func down(hasUnit: Bool, attached: Bool) async throws {
        node.engine.add(record(1, .notReady, attached: attached, containers: attached ? [.running] : [.exited]))
        if hasUnit { node.launcher.addUnit(.fake(1)) }
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.launcher.running.isEmpty)
        #expect(node.failpoints.count(.engineFinish) == (hasUnit || attached ? 1 : 0))
        let pod = try useCases.podSandboxStatus(.fake(1))
        #expect(!pod.pod.networkAttached)
        #expect(pod.containers.map(\.state) == [.exited])
        useCases.expectTrueIndex(of: node)
    }

    @Test("A clean-up that fails is reported, the others are done, and the kubelet's own stop tries again")
    func cleanUpFails() async throws {
        for number in 1...3 as ClosedRange<UInt64> { node.engine.add(record(number, .notReady, attached: true)) }
        node.failpoints.arm(.engineFinish, .before, .fail(broken))
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.diagnostics.warnings.count == 1)
        let left = useCases.listPodSandboxes().filter(\.networkAttached)
        #expect(left.count == 1)
        for pod in left { try await useCases.stopPodSandbox(pod.id) }
        useCases.expectTrueIndex(of: node)
        #expect(!useCases.listPodSandboxes().contains { $0.networkAttached })
    }

    @Test("A hung clean-up keeps nobody from being served; the kubelet's own stop joins it")
    func hungCleanUp() async throws {
        for number in 1...20 as ClosedRange<UInt64> { node.engine.add(record(number, .notReady, attached: true)) }
        node.engine.add(record(30, .ready, attached: true))
        let hung = node.failpoints.hold(.engineFinish, .before, times: 20)
        let useCases = node.useCases()
        let leftovers = try await useCases.recover()
        #expect(useCases.listPodSandboxes().count == 21)
        let cleaning = Task { await useCases.recover.cleanUp(leftovers) }
        await hung.arrival(8)
        _ = try await useCases.runPodSandbox(.fake("new"))
        let stopped = try #require(useCases.stopPodSandbox.flights.keys.first)
        let stop = Task { try await useCases.stopPodSandbox(stopped) }
        try await useCases.stopPodSandbox.flights.callers(9)
        #expect(node.failpoints.count(.engineFinish) == 8)
        hung.open()
        try await stop.value
        await cleaning.value
        #expect(node.failpoints.count(.engineFinish) == 20)
        #expect(!useCases.listPodSandboxes().contains { $0.state == .notReady && $0.networkAttached })
    }

    @Test("The retry of a half-made pod waits for its undo, and makes a new one")
    func retryOfHalfMade() async throws {
        let record = record(1, .creating, attached: true)
        node.engine.add(record)
        let hung = node.failpoints.hold(.engineFinish, .before)
        let useCases = node.useCases()
        _ = try await useCases.recover()
        await hung.arrival()
        // It becomes ready all the same: it stays hidden.
        node.engine.podIsReady(.fake(1))
        useCases.context.index.apply(.snapshot(node.engine.snapshot))
        #expect(useCases.listPodSandboxes().isEmpty)
        let retry = Task { try await useCases.runPodSandbox(record.pod.config) }
        try await useCases.runPodSandbox.flights.callers(1)
        #expect(node.failpoints.count(.launcherLaunch) == 0)
        hung.open()
        let id = try await retry.value
        #expect(Array(node.engine.records.keys) == [id])
        #expect(useCases.listPodSandboxes().map(\.id) == [id])
    }

    @Test("A pod whose record cannot be read is left alone: its unit, its entry in the index")
    func unreadableRecord() async throws {
        let before = node.useCases()
        let (pod, container) = try await before.runningContainer()
        node.engine.spoil(pod)
        await before.followEngine.check()
        #expect(before.listPodSandboxes().map(\.id) == [pod])
        #expect(before.listContainers().map(\.id) == [container])

        let after = node.useCases()
        try await after.recovered()
        await after.followEngine.check()
        await after.orphans.flights.drain(cancelling: false)
        #expect(node.launcher.running == [pod])
        #expect(node.failpoints.count(.launcherStop) == 0)

        // It can be removed by whoever still knows it.
        try await before.removePodSandbox(pod)
        #expect(node.leftovers.isEmpty)
    }

    @Test(
        "The end of the daemon waits for neither orphans nor half-made pods of an earlier one, nor long for its others")
    func endWhileCleaning() async throws {
        node.launcher.addUnit(.fake(7))
        node.engine.add(record(1, .creating, attached: true))
        let hung = node.failpoints.hold(.launcherStop, .before, times: 5, heedsCancellation: false)
        let useCases = node.useCases()
        let leftovers = try await useCases.recover()
        await useCases.recover.cleanUp(leftovers)
        await hung.arrival(2)
        await useCases.drain()

        node.engine.add(record(2, .notReady, attached: true))
        let later = node.useCases()
        let more = try await later.recover()
        let cleaning = Task { await later.recover.cleanUp(more) }
        await hung.arrival(5)
        cleaning.cancel()
        let drained = Task { await later.drain(cleaningUp: true) }
        await node.clock.sleeper(within: .seconds(2))
        node.clock.advance(by: .seconds(2))
        await drained.value
        hung.open()
    }

    @Test("An orphan's record goes with its unit, whenever it appears")
    func orphanWithRecord() async throws {
        node.launcher.addUnit(.fake(7))
        let useCases = node.useCases()
        // The supervisor of a launch that nobody waits for writes its record after the inventory was read.
        let gate = node.failpoints.hold(.launcherUnits, .after)
        let recovering = Task { try await useCases.recovered() }
        await gate.arrival()
        node.engine.podBegins(.fake(7), config: .fake("late"), unit: "u")
        gate.open()
        try await recovering.value
        #expect(node.leftovers.isEmpty)
    }

    @Test("The check of the inventory removes units and records that nobody answers for, and only those")
    func orphansLater() async throws {
        let useCases = node.useCases()
        try await useCases.recovered()
        let id = try await useCases.runPodSandbox(.fake())
        node.launcher.addUnit(.fake(7))
        // A removed pod whose record comes back.
        useCases.context.index.apply(.podRemoved(.fake(8)))
        node.engine.add(record(8, .notReady, attached: true))
        await useCases.followEngine.check()
        await useCases.orphans.flights.drain(cancelling: false)
        #expect(node.launcher.running == [id])
        #expect(Array(node.engine.records.keys) == [id])
        #expect(node.failpoints.count(.launcherStop) == 2)
    }

    @Test(
        "Without the inventory or the units nothing is touched", arguments: [PortCall.engineInventory, .launcherUnits])
    func unreadable(_ call: PortCall) async throws {
        node.launcher.addUnit(.fake(7))
        node.engine.add(record(1, .creating, attached: true))
        node.failpoints.arm(call, .before, .fail(broken))
        let useCases = node.useCases()
        await expectError(.unavailable) { try await useCases.recovered() }
        #expect(node.leftovers.count == 2)
        try await useCases.recovered()
        #expect(node.leftovers.isEmpty)
    }

    @Test("Unreadable images do not keep pods from being served")
    func imagesUnreadable() async throws {
        node.failpoints.arm(.imagesList, .before, .fail(broken))
        let useCases = node.useCases()
        try await useCases.recovered()
        #expect(node.diagnostics.warnings.count == 1)
        #expect(try await useCases.listImages() == [.busybox])
    }

    @Test(
        "A daemon killed while it makes a pod leaves either nothing or the whole pod, and a retry gets one",
        arguments: Step.all(.launcherLaunch, .engineRecord))
    func killedInRun(at step: Step) async throws {
        let before = node.useCases()
        let gate = node.failpoints.hold(step.call, step.moment)
        let call = Task { try await before.runPodSandbox(.fake()) }
        await gate.arrival()

        let after = node.useCases()
        try await after.recovered()
        let made = after.listPodSandboxes().map(\.id)
        #expect(Set(made) == node.launcher.running)
        let id = try await after.runPodSandbox(.fake())
        #expect(made.isEmpty || made == [id])
        #expect(node.launcher.running == [id])
        after.expectTrueIndex(of: node)
        gate.open()
        _ = try? await call.value
    }

    @Test(
        "A daemon killed while it stops or removes a pod leaves a pod that the next removal takes away",
        arguments: Step.all(.engineStopContainer, .launcherStop, .engineFinish, .engineRemoveContainer, .engineRemove))
    func killedInRemove(at step: Step) async throws {
        let before = node.useCases()
        let (pod, _) = try await before.runningContainer()
        let gate = node.failpoints.hold(step.call, step.moment)
        let call = Task { try await before.removePodSandbox(pod) }
        await gate.arrival()

        let after = node.useCases()
        try await after.recovered()
        after.expectTrueIndex(of: node)
        try await after.removePodSandbox(pod)
        #expect(node.leftovers.isEmpty)
        gate.open()
        _ = try? await call.value
    }

    @Test(
        "A daemon killed while it makes or starts a container leaves none or a whole one, and a retry gets one",
        arguments: Step.all(.engineAddContainer, .engineStartContainer))
    func killedInCreate(at step: Step) async throws {
        let before = node.useCases()
        let pod = try await before.runPodSandbox(.fake())
        let gate = node.failpoints.hold(step.call, step.moment)
        let call = Task { try await before.startContainer(try await before.createContainer(.fake(), in: pod)) }
        await gate.arrival()

        let after = node.useCases()
        try await after.recovered()
        after.expectTrueIndex(of: node)
        let id = try await after.createContainer(.fake(), in: pod)
        #expect(node.engine.records[pod]?.containers.map(\.id) == [id])
        gate.open()
        _ = try? await call.value
    }
}
