import ChildProcess
import Domain
import Glibc
import HostFacts
import Logging
import RktCLI
import Systemd
import SystemdRun
import Testing

/// Starts that fail, with the real engine. Runs in the test host, see `GantryNodeContractTests`.
@Suite("Starts that fail", .serialized, .timeLimit(.minutes(10)))
struct LauncherHostTests {
    private struct Node: Sendable {
        let launcher: SystemdRunLauncher
        let engine: RktCLIEngine
        let bus: SystemdBus
    }

    private func withNode(
        networks: String = "/etc/cni/net.d", plugins: [String] = ["/usr/lib/cni"],
        _ body: @Sendable @escaping (Node) async throws -> Void
    ) async throws {
        let bus = SystemdBus()
        let logger = Logger(label: "launcher") { _ in SwiftLogNoOpLogHandler() }
        var settings = EngineSettings(binary: try #require(getenv("RKTLET_TEST_GANTRY").map { String(cString: $0) }))
        settings.changeable = {
            var changeable = EngineSettings.Changeable()
            changeable.cniConfigurationDirectory = networks
            changeable.cniBinaryDirectories = plugins
            return changeable
        }
        let engine = RktCLIEngine(settings: settings, logger: logger)
        let launcher = SystemdRunLauncher(settings: LauncherSettings(), bus: bus, program: engine, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            defer { group.cancelAll() }
            try await body(Node(launcher: launcher, engine: engine, bus: bus))
        }
    }

    private func config() -> PodSandboxConfig {
        var config = PodSandboxConfig(
            metadata: PodSandboxMetadata(name: "fails", uid: "fails", namespace: "host-test", attempt: 0))
        config.namespaces.pid = .container
        return config
    }

    /// A network whose plugin is a shell script.
    private func network(_ script: String) throws -> String {
        var template = Array("/tmp/rktlet-cni-XXXXXX".utf8CString)
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        try write(
            "\(directory)/10-test.conflist", #"{"cniVersion":"1.0.0","name":"t","plugins":[{"type":"scripted"}]}"#,
            0o600)
        try write("\(directory)/scripted", "#!/bin/sh\n" + script, 0o700)
        return directory
    }

    private func write(_ path: String, _ text: String, _ mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func expectNothingLeft(_ node: Node, _ id: PodID) async throws {
        try await node.launcher.stop(id)
        try await node.engine.finish(id)
        try await node.engine.remove(id)
        let record = try await node.engine.record(of: id)
        #expect(record == nil)
        let units = try await node.launcher.units()
        #expect(!units.contains(id))
        #expect(access("/run/rktlet/requests/\(id).json", F_OK) == -1)
    }

    @Test("a network that refuses is told in its own words, and nothing is left")
    func networkRefuses() async throws {
        let directory = try network(
            #"[ "$CNI_COMMAND" != ADD ] || { echo '{"cniVersion":"1.0.0","code":11,"msg":"no address is free"}'; exit 1; }"#
        )
        try await withNode(networks: directory, plugins: [directory]) { node in
            let id = RandomIDs().newPodID()
            let error = await #expect(throws: DomainError.self) { try await node.launcher.launch(id, config: config()) }
            #expect(error?.message.contains("pod \(id)") == true)
            #expect(error?.message.contains("no address is free") == true, "\(error?.message ?? "")")
            try await expectNothingLeft(node, id)
        }
    }

    @Test("a start that is cancelled while the network is attached leaves nothing behind")
    func cancelled() async throws {
        let directory = try network(
            #"[ "$CNI_COMMAND" != ADD ] || { echo > "${0%/*}/begun"; sleep 600; }"#)
        try #require(mkfifo(directory + "/begun", 0o600) == 0)
        // Open to the end: the plugin would die of a write to nobody.
        let begun = open(directory + "/begun", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(begun >= 0)
        defer { close(begun) }
        try await withNode(networks: directory, plugins: [directory]) { node in
            let id = RandomIDs().newPodID()
            let launch = Task {
                do throws(DomainError) {
                    try await node.launcher.launch(id, config: config())
                    return nil as DomainError?
                } catch {
                    return error
                }
            }
            let hasBegun = try await DedicatedThread.run {
                var polled = pollfd(fd: begun, events: Int16(POLLIN), revents: 0)
                while poll(&polled, 1, 60_000) < 0, errno == EINTR {}
                return polled.revents & Int16(POLLIN) != 0
            }
            #expect(hasBegun, "the plugin has not been called")
            launch.cancel()
            #expect(await launch.value?.code == .cancelled)
            try await expectNothingLeft(node, id)
        }
    }

    @Test("where no network is configured, that is the reason")
    func noNetwork() async throws {
        try await withNode(networks: "/nonexistent/net.d") { node in
            let id = RandomIDs().newPodID()
            let error = await #expect(throws: DomainError.self) { try await node.launcher.launch(id, config: config()) }
            #expect(error?.message.contains("/nonexistent/net.d") == true, "\(error?.message ?? "")")
            try await expectNothingLeft(node, id)
        }
    }
}
