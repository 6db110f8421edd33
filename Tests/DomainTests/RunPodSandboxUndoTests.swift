import Domain
import DomainFakes
import Testing
import Waiting

@Suite("RunPodSandbox, undone", .timeLimit(.minutes(10)))
struct RunPodSandboxUndoTests {
    let node = FakeNode()

    @Test(
        "What cannot be undone stays visible as not ready, holds its name, and goes with its removal",
        arguments: [PortCall.launcherStop, .engineFinish, .engineRemove])
    func undoFails(_ call: PortCall) async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        // The first undo, and that of the retry.
        node.failpoints.arm(call, .before, .fail(DomainError(.internal, "cannot undo")), times: 2)
        await expectError(.unavailable, naming: "failpoint") { _ = try await useCases.runPodSandbox(.fake()) }

        let left = try #require(useCases.listPodSandboxes().first)
        #expect(left.state == .notReady)
        #expect(left.message.contains("cannot undo"))
        #expect(node.diagnostics.warnings.map(\.message) == ["a pod could not be made", "an undo step failed"])
        #expect(node.diagnostics.warnings.last?.fields["error"]?.contains("cannot undo") == true)
        // The undo went on past the failure.
        #expect(node.failpoints.count(.engineFinish) == 1)
        await expectError(.alreadyExists, naming: left.id.rawValue) { _ = try await useCases.runPodSandbox(.fake()) }
        // Nor does a look at the inventory lose it.
        await useCases.followEngine.check()
        #expect(useCases.listPodSandboxes().map(\.id) == [left.id])

        try await useCases.removePodSandbox(left.id)
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listPodSandboxes().isEmpty)
        _ = try await useCases.runPodSandbox(.fake())
    }

    @Test(
        "A retry undoes what an earlier attempt could not, and has the name",
        arguments: [PortCall.launcherStop, .engineFinish, .engineRemove])
    func retryUndoes(_ call: PortCall) async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        node.failpoints.arm(call, .before, .fail(DomainError(.internal, "cannot undo")))
        await expectError(.unavailable, naming: "failpoint") { _ = try await useCases.runPodSandbox(.fake()) }
        let left = try #require(useCases.listPodSandboxes().first)

        let id = try await useCases.runPodSandbox(.fake())
        #expect(id != left.id)
        #expect(useCases.listPodSandboxes().map(\.id) == [id])
        #expect(node.launcher.running == [id])
        #expect(Array(node.engine.records.keys) == [id])
    }

    @Test("The record of a pod whose network could not be detached is kept: it knows what the detach needs")
    func recordOutlivesFailedDetach() async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        node.failpoints.arm(.engineFinish, .before, .fail(broken))
        _ = try? await useCases.runPodSandbox(.fake())
        #expect(node.failpoints.count(.engineRemove) == 0)
        #expect(useCases.listPodSandboxes().first?.networkAttached == true)
    }

    @Test("An undo step that hangs is given up after its budget, and the next ones are done")
    func undoHangs() async throws {
        var settings = UseCases.Settings()
        settings.undoBudget = .seconds(5)
        let useCases = node.useCases(settings)
        node.failpoints.arm(.launcherLaunch, .after, .fail(broken))
        let gate = node.failpoints.hold(.launcherStop, .before)
        let call = Task { try await useCases.runPodSandbox(.fake()) }
        await gate.arrival()
        await node.clock.sleeper(within: .seconds(5))
        node.clock.advance(by: .seconds(5))
        await expectError(.unavailable) { _ = try await call.value }
        #expect(node.failpoints.count(.engineFinish) == 1)
        #expect(useCases.listPodSandboxes().first?.message.contains("took longer than") == true)
    }
}
