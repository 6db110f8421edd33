import Domain
import DomainFakes
import Testing

@Suite("ReopenContainerLog", .timeLimit(.minutes(10)))
struct ReopenContainerLogTests {
    let node = FakeNode()

    private func make(logPath: String) async throws -> (useCases: UseCases, pod: PodID, id: ContainerID) {
        let useCases = node.useCases()
        var sandbox = PodSandboxConfig.fake()
        sandbox.logDirectory = "/var/log/pods/p"
        let pod = try await useCases.runPodSandbox(sandbox)
        var config = ContainerConfig.fake()
        config.logPath = logPath
        return (useCases, pod, try await useCases.createContainer(config, in: pod))
    }

    @Test("The log of a running container only is reopened")
    func runningOnly() async throws {
        let (useCases, pod, id) = try await make(logPath: "main/0.log")
        await expectError(.failedPrecondition, naming: id.rawValue, "created") {
            try await useCases.reopenContainerLog(id)
        }
        try await useCases.startContainer(id)
        try await useCases.reopenContainerLog(id)
        #expect(node.engine.reopened == [id])
        node.engine.exits(id, of: pod, code: 0)
        await useCases.followEngine.check()
        await expectError(.failedPrecondition, naming: id.rawValue, "exited") {
            try await useCases.reopenContainerLog(id)
        }
        await expectError(.notFound) { try await useCases.reopenContainerLog(.fake(9)) }
        #expect(node.engine.reopened == [id])
    }

    @Test("A container without a log has none to reopen")
    func withoutALog() async throws {
        let (useCases, _, id) = try await make(logPath: "")
        try await useCases.startContainer(id)
        try await useCases.reopenContainerLog(id)
        #expect(node.engine.reopened.isEmpty)
    }

    @Test("What the engine cannot do is told")
    func failure() async throws {
        let (useCases, _, id) = try await make(logPath: "main/0.log")
        try await useCases.startContainer(id)
        node.failpoints.arm(.engineReopenLog, .before, .fail(DomainError(.unavailable, "the disk is full")))
        await expectError(.unavailable, naming: "the disk is full") { try await useCases.reopenContainerLog(id) }
    }
}
