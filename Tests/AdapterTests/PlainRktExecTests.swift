import Domain
import Testing

@testable import RktCLI

private let rktUUID = PlainRktShapes.uuid

@Suite("Exec on rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktExecTests {
    @Test("exec is refused by the name of what would not hold for the command, unless the operator allows it as root")
    func execRule() throws {
        let cases: [(String, (inout ContainerSecurity) -> Void)] = [
            ("capabilities", { $0.runAsUser = 0 }), ("run_as_user", { $0.runAsUser = 1000 }),
            ("the image's user", { _ in }), ("readonly_rootfs", { $0.readonlyRootfs = true }),
            ("seccomp", { $0.seccomp = .runtimeDefault }), ("no_new_privs", { $0.noNewPrivileges = true }),
        ]
        for (field, change) in cases {
            var security = ContainerSecurity()
            change(&security)
            try check(field, security)
        }
        var unbound = ContainerSecurity()
        (unbound.privileged, unbound.runAsUser) = (true, 0)
        #expect(RktExecRule.broken(by: unbound).isEmpty)
    }

    private func check(_ field: String, _ security: ContainerSecurity) throws {
        var config = Samples.plainContainer
        config.security = security
        let container = Container(
            id: Samples.containerID, podID: Samples.podID, config: config, imageID: ImageID("sha512-1"), logPath: "",
            state: .running, createdAt: .now)
        let error = #expect(throws: DomainError.self) { try RktExecRule.check(container, RktGrants()) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(field) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("rktExecAsRoot") == true)
        var granted = RktGrants()
        granted.execAsRoot = true
        #expect(throws: Never.self) { try RktExecRule.check(container, granted) }
    }

    @Test("exec without the operator's word reaches no rkt")
    func execRefused() async throws {
        let fake = try FakeEngine.rktPod()
        await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["id"], in: Samples.containerID, of: Samples.podID, timeout: nil, outputLimit: 4)
        }
        #expect(fake.calls("app-exec").isEmpty)
    }

    @Test("exec passes both streams and the command's code on")
    func exec() async throws {
        let fake = try FakeEngine.rktPod()
        try fake.answer("app-exec", "out", error: "err", code: 5)
        let result = try await fake.engine { $0.rkt.execAsRoot = true }.execSync(
            ["sh", "-c", "x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(20), outputLimit: 4)
        #expect(result == ExecResult(stdout: Array("out".utf8), stderr: Array("e".utf8), exitCode: 5))
        #expect(fake.calls("app-exec").first?.suffix(4) == [rktUUID, "sh", "-c", "x"])
    }
}
