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
@Suite("systemd and gantry keep the promises of the ports", .serialized)
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
            launcher: launcher, engine: engine, ids: RandomIDs(), clock: SystemClock(), image: image, pod: Self.pod,
            container: Self.container, unstartable: Self.unstartable,
            end: { id, pod, code in
                _ = try await engine.execSync(
                    ["/bin/sh", "-c", "echo \(code) > /code"], in: id, of: pod, timeout: .seconds(20), outputLimit: 1000)
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
        config.args = ["trap 'trap - TERM; exit 143' TERM; while [ ! -s /code ]; do sleep 0.05; done; exit $(cat /code)"]
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

    @Test("pods", arguments: PodContract.cases)
    func pods(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }

    @Test("containers", arguments: ContainerContract.cases)
    func containers(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }

    @Test("events", arguments: EventContract.cases)
    func events(promise: ContractCase) async throws { try await withNode { try await promise.check($0) } }
}
