import ChildProcess
import Domain
import Glibc
import HostFacts
import Logging
import PortContracts
import RktCLI
import Systemd
import SystemdRun
import Testing

/// Needs systemd as PID 1, crun, and the engine: runs in the test host. The environment says where things are:
/// `RKTLET_TEST_GANTRY` (the engine, with gantry-pod beside it) and `RKTLET_TEST_IMAGE` (an OCI layout of busybox, `oci:DIR:latest`).
@Suite("systemd and gantry keep the promises of the ports", .serialized, .timeLimit(.minutes(10)))
struct GantryNodeContractTests {
    private func withNode(_ body: @Sendable @escaping (ContractNode) async throws -> Void) async throws {
        let binary = try #require(getenv("RKTLET_TEST_GANTRY").map { String(cString: $0) })
        let source = try #require(getenv("RKTLET_TEST_IMAGE").map { String(cString: $0) })
        let bus = SystemdBus()
        let logger = Logger(label: "contract")
        let engine = RktCLIEngine(settings: EngineSettings(binary: binary), logger: logger)
        let launcher = SystemdRunLauncher(settings: LauncherSettings(), bus: bus, program: engine, logger: logger)
        try await fetch(binary, source)
        let image = try #require(try await RktImageStore(engine: engine).list().first)
        let node = ContractNode(
            launcher: launcher, engine: engine, live: RktLiveSessions(engine: engine), ids: RandomIDs(),
            clock: SystemClock(), image: image, pod: Self.pod,
            container: Self.container,
            ready: { id, pod in
                let seen = try await engine.execSync(
                    ["/bin/sh", "-c", "until [ -e /ready ]; do sleep 0.05; done"], in: id, of: pod,
                    timeout: .seconds(20), outputLimit: 1000)
                guard seen.exitCode == 0 else { throw ContractViolation("container \(id) is not ready: \(seen)") }
            },
            unstartable: Self.unstartable,
            end: { id, pod, code in
                // Once the engine has seen the end of this command: the container's takes along what runs in it.
                let script = "(while kill -0 $$; do sleep 0.05; done; echo \(code) > /code) > /dev/null 2>&1 &"
                _ = try await engine.execSync(
                    ["/bin/sh", "-c", script], in: id, of: pod, timeout: .seconds(20), outputLimit: 1000)
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            defer { group.cancelAll() }
            try await body(node)
        }
    }

    private static let pod: @Sendable (String) -> PodSandboxConfig = { name in
        var config = PodSandboxConfig(
            metadata: PodSandboxMetadata(name: name, uid: name, namespace: "contract", attempt: 0))
        config.hostname = "contract"
        config.namespaces.pid = .container
        config.namespaces.network = .pod
        return config
    }

    private static let container: @Sendable (String) -> ContainerConfig = { name in
        var config = ContainerConfig(
            metadata: ContainerMetadata(name: name, attempt: 0), image: ImageSpec(image: "busybox"))
        config.command = ["/bin/sh", "-c"]
        // The first process of a PID namespace gets no signal that it does not handle, but SIGKILL.
        config.args = [
            "trap 'trap - TERM; exit 143' TERM; : > /ready; "
                + "while [ ! -s /code ]; do sleep 0.05; done; exit $(cat /code)"
        ]
        config.security.namespaces.pid = .container
        return config
    }

    private static var unstartable: ContainerConfig {
        var config = container("broken")
        config.command = ["/does/not/exist"]
        config.args = []
        return config
    }

    private func fetch(_ binary: String, _ source: String) async throws {
        let result = try await ChildCommand(
            executable: binary, arguments: ["image", "fetch", source], timeout: .seconds(60)
        ).run()
        try #require(result.succeeded, "\(result.errorText)")
    }

    /// Runs `body` with a container that runs.
    private func withContainer(
        _ body: @Sendable @escaping (any ExecSessions, ContainerID, PodID) async throws -> Void
    ) async throws {
        try await withNode { node in
            guard let exec = node.engine as? any ExecSessions else { throw ContractViolation("the engine has no exec") }
            let id = node.ids.newPodID()
            var failure: (any Error)?
            do {
                try await node.launcher.launch(id, config: node.pod("exec"))
                let request = NewContainer(
                    id: node.ids.newContainerID(), podID: id, config: node.container("exec"), image: node.image,
                    logPath: "",
                    createdAt: node.clock.now())
                _ = try await node.engine.addContainer(request)
                _ = try await node.engine.startContainer(request.id, of: id)
                try await body(exec, request.id, id)
            } catch {
                failure = error
            }
            try await node.launcher.stop(id)
            try await node.engine.finish(id)
            try await node.engine.remove(id)
            if let failure { throw failure }
        }
    }

    @Test("a command's streams come apart, its code as it is, and what is beyond the limit is dropped")
    func execSync() async throws {
        try await withContainer { exec, container, pod in
            func run(_ script: String, limit: Int = 1000) async throws -> ExecResult {
                try await exec.execSync(
                    ["/bin/sh", "-c", script], in: container, of: pod, timeout: .seconds(20), outputLimit: limit)
            }
            let result = try await run("echo out; echo err >&2; exit 3")
            #expect(result == ExecResult(stdout: Array("out\n".utf8), stderr: Array("err\n".utf8), exitCode: 3))
            let killed = try await run("kill -9 $$")
            #expect(killed.exitCode == 137)
            let large = try await run("head -c 3000000 /dev/zero; exit 4", limit: 5000)
            #expect(large.stdout.count + large.stderr.count == 5000)
            #expect(large.exitCode == 4)
            let held = try await run("sleep 100 & echo done")
            #expect(held.stdout == Array("done\n".utf8))
        }
    }

    @Test("a command past its timeout is dead with all it started")
    func execTimeout() async throws {
        try await withContainer { exec, container, pod in
            let error = await #expect(throws: DomainError.self) {
                try await exec.execSync(
                    ["/bin/sh", "-c", "sleep 4242 & sleep 4242"], in: container, of: pod, timeout: .milliseconds(500),
                    outputLimit: 1000)
            }
            #expect(error?.code == .deadlineExceeded)
            let left = try await exec.execSync(
                ["/bin/sh", "-c", "ps | grep -c 'sleep [4]242'"], in: container, of: pod, timeout: .seconds(20),
                outputLimit: 1000)
            #expect(left.stdout == Array("0\n".utf8))
        }
    }

    @Test("a command that is not there, and a container that does not run, are refused")
    func execRefused() async throws {
        try await withContainer { exec, container, pod in
            let missing = await #expect(throws: DomainError.self) {
                try await exec.execSync(
                    ["/does/not/exist"], in: container, of: pod, timeout: .seconds(20), outputLimit: 1000)
            }
            #expect(missing?.message.contains("/does/not/exist") == true, "\(missing?.message ?? "")")
            let unknown = await #expect(throws: DomainError.self) {
                try await exec.execSync(
                    ["true"], in: RandomIDs().newContainerID(), of: pod, timeout: .seconds(20), outputLimit: 1000)
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test("pods", arguments: PodContract.cases)
    func pods(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }

    @Test("containers", arguments: ContainerContract.cases)
    func containers(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }

    @Test("sessions", arguments: LiveSessionContract.cases)
    func sessions(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }

    @Test("events", arguments: EventContract.cases)
    func events(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }
}
