import Domain
import DomainFakes
import Testing
import Waiting

@Suite("RunPodSandbox", .timeLimit(.minutes(10)))
struct RunPodSandboxTests {
    let node = FakeNode()

    @Test("A pod whose unit would have another's name is refused, and the other is untouched")
    func unitNameTaken() async throws {
        node.launcher.shorten(to: 12)
        let useCases = node.useCases()
        let first = try await useCases.runPodSandbox(.fake("a"))
        let error = await #expect(throws: DomainError.self) { try await useCases.runPodSandbox(.fake("b")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(first.rawValue) == true)
        #expect(useCases.listPodSandboxes().map(\.id) == [first])
        #expect(try useCases.podSandboxStatus(first).pod.state == .ready)
        #expect(try await node.launcher.units() == [first])
        node.launcher.shorten(to: 64)
        _ = try await useCases.runPodSandbox(.fake("b"))
    }

    @Test("A pod is ready, with its addresses, when the call returns")
    func ready() async throws {
        let useCases = node.useCases()
        let id = try await useCases.runPodSandbox(.fake())
        let status = try useCases.podSandboxStatus(id)
        #expect(status.pod.state == .ready)
        #expect(status.pod.ips == ["10.88.0.2"])
        #expect(status.pod.unit == "rktlet-pod-\(id).service")
        #expect(node.launcher.running == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test(
        "A failure at any step leaves nothing, and a retry succeeds",
        arguments: Step.all(.launcherLaunch, .engineRecord))
    func failure(at step: Step) async throws {
        let useCases = node.useCases()
        node.failpoints.arm(step.call, step.moment, .fail(broken))
        await expectError(.unavailable, naming: "failpoint") { _ = try await useCases.runPodSandbox(.fake()) }
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listPodSandboxes().isEmpty)
        // Why, and nothing of its undo.
        #expect(node.diagnostics.warnings.map(\.message) == ["a pod could not be made"])

        let id = try await useCases.runPodSandbox(.fake())
        #expect(useCases.listPodSandboxes().map(\.id) == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test(
        "A caller who leaves at any step leaves nothing, and a retry succeeds",
        arguments: Step.all(.launcherLaunch, .engineRecord), [true, false])
    func cancellation(at step: Step, heeded: Bool) async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(step.call, step.moment, heedsCancellation: heeded)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { _ = try await call.value }
        gate.open()
        await useCases.runPodSandbox.flights.drain(cancelling: false)
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listPodSandboxes().isEmpty)

        let id = try await useCases.runPodSandbox(.fake())
        #expect(useCases.listPodSandboxes().map(\.id) == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test("A pod that the engine's events have called ready by then is not asked for")
    func heard() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        for record in node.engine.snapshot { useCases.context.index.apply(.pod(record.pod)) }
        #expect(useCases.listPodSandboxes().isEmpty)
        gate.open()
        let id = try await call.value
        #expect(try useCases.podSandboxStatus(id).pod.ips == ["10.88.0.2"])
        #expect(node.failpoints.count(.engineRecord) == 0)
        useCases.expectTrueIndex(of: node)
    }

    @Test("A config that cannot be launched is refused before anything is reserved")
    func invalid() async throws {
        let useCases = node.useCases()
        var config = PodSandboxConfig.fake()
        config.cgroupParent = "/kubepods"
        await expectError(.invalidArgument, naming: "cgroup_parent", "/kubepods") {
            _ = try await useCases.runPodSandbox(config)
        }
        config.cgroupParent = ""
        config.runtimeHandler = "kata"
        await expectError(.invalidArgument, naming: "runtime_handler", "kata", #""", "default", "plain""#) {
            _ = try await useCases.runPodSandbox(config)
        }
        #expect(node.failpoints.count(.launcherLaunch) == 0)
        config.runtimeHandler = "default"
        _ = try await useCases.runPodSandbox(config)
    }

    @Test("A bandwidth that cannot be read refuses the pod before anything is made")
    func badBandwidth() async throws {
        let useCases = node.useCases()
        var config = PodSandboxConfig.fake()
        config.annotations["kubernetes.io/egress-bandwidth"] = "fast"
        await expectError(.invalidArgument, naming: "kubernetes.io/egress-bandwidth") {
            _ = try await useCases.runPodSandbox(config)
        }
        #expect(node.leftovers.isEmpty)
    }

    @Test("User namespaces are refused by name where the engine has none")
    func noUserNamespaces() async throws {
        node.engine.become(
            EngineFeatures(
                name: "rkt", version: "1.30.0", recursiveReadOnlyMounts: false, userNamespaces: false,
                stopTimeouts: false))
        let useCases = node.useCases()
        var config = PodSandboxConfig.fake()
        config.namespaces.user = UserNamespace(uids: [], gids: [])
        await expectError(.invalidArgument, naming: "userns_options") { _ = try await useCases.runPodSandbox(config) }
        #expect(node.leftovers.isEmpty)
    }

    @Test("User namespaces are refused with a handler that has none, whatever the default one has")
    func noUserNamespacesOfHandler() async throws {
        let useCases = node.useCases()
        var config = PodSandboxConfig.fake()
        config.namespaces.user = UserNamespace(uids: [], gids: [])
        config.runtimeHandler = "plain"
        await expectError(.invalidArgument, naming: "userns_options", "\"plain\"") {
            _ = try await useCases.runPodSandbox(config)
        }
        config.runtimeHandler = ""
        _ = try await useCases.runPodSandbox(config)
    }

    @Test("A hundred equal calls at once make one pod")
    func joining() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let ids = try await withThrowingTaskGroup(of: PodID.self) { group in
            for _ in 0..<100 { group.addTask { try await useCases.runPodSandbox(.fake()) } }
            await gate.arrival()
            gate.open()
            return try await group.reduce(into: Set<PodID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(node.failpoints.count(.launcherLaunch) == 1)
    }

    @Test("A retry of a finished call gets its pod; another config or a pod that is down is refused, naming the pod")
    func retryAfterwards() async throws {
        let useCases = node.useCases()
        let id = try await useCases.runPodSandbox(.fake())
        #expect(try await useCases.runPodSandbox(.fake()) == id)
        var other = PodSandboxConfig.fake()
        other.hostname = "other"
        await expectError(.alreadyExists, naming: id.rawValue, "another config") {
            _ = try await useCases.runPodSandbox(other)
        }

        try await useCases.stopPodSandbox(id)
        await expectError(.alreadyExists, naming: id.rawValue, "notReady") {
            _ = try await useCases.runPodSandbox(.fake())
        }
        #expect(try await useCases.runPodSandbox(.fake(attempt: 1)) != id)
        #expect(node.failpoints.count(.launcherLaunch) == 2)
    }

    @Test("Another config for a name in flight is refused at once, and the flight goes on")
    func conflictInFlight() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .before)
        let first = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        var other = PodSandboxConfig.fake()
        other.hostname = "other"
        await expectError(.alreadyExists, naming: "default/web") { _ = try await useCases.runPodSandbox(other) }
        gate.open()
        _ = try await first.value
    }

    @Test("While one caller stays the work goes on, whoever else leaves")
    func oneStays() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let first = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        let second = Task { try await useCases.runPodSandbox(.fake()) }
        try await useCases.runPodSandbox.flights.callers(2)
        first.cancel()
        await expectError(.cancelled) { _ = try await first.value }
        gate.open()
        let id = try await second.value
        #expect(node.launcher.running == [id])
        #expect(node.failpoints.count(.launcherStop) == 0)
    }

    @Test("A caller whose deadline passed may come again: the launch goes on, and its pod is the retry's")
    func deadlineThenRetry() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let first = CallDeadline.$current.withValue(CallDeadline { true }) {
            Task { try await useCases.runPodSandbox(.fake()) }
        }
        await gate.arrival()
        first.cancel()
        await expectError(.cancelled) { _ = try await first.value }
        let retry = Task { try await useCases.runPodSandbox(.fake()) }
        try await useCases.runPodSandbox.flights.callers(1)
        gate.open()
        let id = try await retry.value
        #expect(node.launcher.running == [id])
        #expect(node.failpoints.count(.launcherLaunch) == 1)
        #expect(node.failpoints.count(.launcherStop) == 0)
    }

    @Test("A launch whose caller's deadline passed and who does not come again is undone")
    func deadlineWithoutRetry() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let call = CallDeadline.$current.withValue(CallDeadline { true }) {
            Task { try await useCases.runPodSandbox(.fake()) }
        }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { _ = try await call.value }
        await node.clock.sleeper(within: .seconds(30))
        node.clock.advance(by: .seconds(30))
        try await useCases.runPodSandbox.flights.gone { _ in true }
        #expect(node.leftovers.isEmpty)
    }

    @Test("A failure is told soon, though its undo hangs; a retry waits for the undo")
    func hungUndo() async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        let undo = node.failpoints.hold(.engineFinish, .before)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await undo.arrival()
        await node.clock.sleeper(within: .seconds(30))
        node.clock.advance(by: .seconds(30))
        await expectError(.unavailable, naming: "failpoint") { _ = try await call.value }
        let retry = Task { try await useCases.runPodSandbox(.fake()) }
        try await useCases.runPodSandbox.flights.callers(1)
        #expect(node.failpoints.count(.launcherLaunch) == 1)
        undo.open()
        let id = try await retry.value
        #expect(node.launcher.running == [id])
    }

    @Test("The engine's news of a pod are waited for a moment before it is asked")
    func waitsForNews() async throws {
        let useCases = node.useCases()
        let (readers, node) = (Task { await useCases.followEngine.run() }, node)
        try await until("somebody who follows the engine") { useCases.context.facts.isFollowed }
        _ = try await useCases.runPodSandbox(.fake("heard"))
        #expect(node.failpoints.count(.engineRecord) == 0)

        // News that do not come.
        try await node.engine.withoutEvents {
            let call = Task { try await useCases.runPodSandbox(.fake("unheard")) }
            await node.clock.sleeper(within: .milliseconds(20))
            node.clock.advance(by: .milliseconds(20))
            _ = try await call.value
        }
        #expect(node.failpoints.count(.engineRecord) == 1)
        readers.cancel()
        await readers.value
    }

    @Test("A retry that comes during the undo waits for it and makes a new pod")
    func retryDuringUndo() async throws {
        let useCases = node.useCases()
        let launch = node.failpoints.hold(.launcherLaunch, .after)
        let undo = node.failpoints.hold(.engineFinish, .before)
        let first = Task { try await useCases.runPodSandbox(.fake()) }
        await launch.arrival()
        first.cancel()
        await undo.arrival()
        var other = PodSandboxConfig.fake()
        other.hostname = "another-config-may-too"
        let retry = Task { [other] in try await useCases.runPodSandbox(other) }
        try await useCases.runPodSandbox.flights.callers(1)
        #expect(node.failpoints.count(.launcherLaunch) == 1)
        undo.open()
        let id = try await retry.value
        #expect(node.launcher.running == [id])
        #expect(Array(node.engine.records.keys) == [id])
    }

    @Test("A pod that ends before it was seen ready is undone, and its reason told")
    func diesAtOnce() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.engineRecord, .before)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        let id = try #require(node.launcher.running.first)
        node.engine.supervisorEnds(id)
        gate.open()
        await expectError(.unavailable, naming: id.rawValue) { _ = try await call.value }
        #expect(node.leftovers.isEmpty)
    }

    @Test("Events of a pod that is being made neither show it nor lose it")
    func hiddenWhileMade() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        let id = try #require(node.launcher.running.first)
        for event in node.engine.log { useCases.context.index.apply(event) }
        useCases.context.index.apply(.snapshot([]))
        await useCases.followEngine.check()
        useCases.context.index.apply(.podRemoved(id))
        #expect(useCases.listPodSandboxes().isEmpty)
        await expectError(.notFound, naming: id.rawValue) { _ = try useCases.podSandboxStatus(id) }
        gate.open()
        #expect(try await call.value == id)
        useCases.expectTrueIndex(of: node)
    }

    @Test("Draining cancels and undoes what is in flight")
    func drain() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .after)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        await useCases.drain()
        await expectError(.cancelled) { _ = try await call.value }
        #expect(node.leftovers.isEmpty)
    }
}
