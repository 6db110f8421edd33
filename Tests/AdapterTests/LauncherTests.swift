import Domain
import Logging
import Systemd
import Testing

@testable import SystemdRun

@Suite("The launcher", .timeLimit(.minutes(10)))
struct LauncherTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(
        "the cgroup parent's last part is the slice",
        arguments: [
            ("", "rktlet-pods.slice"), ("kubepods.slice", "kubepods.slice"),
            (
                "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice",
                "kubepods-besteffort-pod1_2.slice"
            ), ("/kubepods.slice/", "kubepods.slice"),
        ])
    func slices(parent: String, expected: String) throws {
        #expect(try Slice.name(forParent: parent, default: "rktlet-pods.slice") == expected)
    }

    @Test(
        "a parent that is no slice is refused, naming the kubelet's setting",
        arguments: ["/kubepods/besteffort/pod1", "/", "x", ".slice", "a b.slice", "a/b;.slice", "../x.slice/y"])
    func refusesOthers(parent: String) {
        let error = #expect(throws: DomainError.self) { try Slice.name(forParent: parent, default: "d.slice") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("cgroupDriver: systemd") == true)
    }

    @Test("the unit has the properties that pods need")
    func properties() {
        let arguments = UnitProperties(
            unit: "u.service", slice: "s.slice", description: "Pod d/n", settings: LauncherSettings(),
            limits: HostLimits(maySetResources: true, openFiles: 1 << 30),
            invocation: SandboxInvocation(
                command: ["/bin/engine", "--a=$HOME"], environment: ["B": "2", "A": "1"],
                cleanup: ["/bin/engine", "pod-cleanup", "a \"b\" \\ $c"])
        ).arguments
        #expect(
            arguments == [
                "--quiet", "--unit=u.service", "--slice=s.slice", "--service-type=notify", "--collect",
                "--no-ask-password",
                "--description=Pod d/n", "-p", "Delegate=yes", "-p", "KillMode=mixed", "-p", "TasksMax=infinity", "-p",
                "Restart=no",
                "-p", "OOMPolicy=continue", "-p", "NotifyAccess=main", "-p", "After=network.target", "-p",
                "TimeoutStartSec=120", "-p",
                "TimeoutStopSec=60", "-p",
                "LimitNOFILE=1048576", "-p", "OOMScoreAdjust=-998", "-p",
                #"ExecStopPost="/bin/engine" "pod-cleanup" "a \"b\" \\ $$c""#, "--setenv=A=1", "--setenv=B=2", "--",
                "/bin/engine",
                "--a=$$HOME",
            ])
    }

    @Test("what the host does not allow is clamped, and said")
    func clamps() {
        let limits = HostLimits(
            status: "Name:\tsystemd\nCapEff:\t000000fffeffffff\n",
            limits: "Limit                     Soft Limit           Hard Limit           Units     \n"
                + "Max open files            1024                 524288               files     \n",
            maximumOpenFiles: "1048576\n")
        #expect(limits == HostLimits(maySetResources: false, openFiles: 524_288))
        let arguments = UnitProperties(
            unit: "u", slice: "s", description: "", settings: LauncherSettings(), limits: limits,
            invocation: SandboxInvocation(command: ["/x"], environment: [:])
        ).arguments
        #expect(arguments.contains("LimitNOFILE=524288"))
        #expect(!arguments.contains { $0.hasPrefix("OOMScoreAdjust") || $0.hasPrefix("ExecStopPost") })
        #expect(UnitProperties.clamped(limits).count == 2)
        let free = HostLimits(status: "CapEff:\t000001ffffffffff\n", limits: "", maximumOpenFiles: "1048576")
        #expect(free == HostLimits(maySetResources: true, openFiles: 1_048_576))
        #expect(UnitProperties.clamped(free).isEmpty)
    }

    // MARK: With a systemd-run of the test's own

    private final class Program: SandboxProgram {
        let cause: DomainError?
        let directory: TemporaryDirectory
        init(cause: DomainError? = nil, directory: TemporaryDirectory) {
            self.cause = cause
            self.directory = directory
        }
        func prepare(
            _ pod: PodID, config: PodSandboxConfig, unit: String
        ) async throws(DomainError) -> SandboxInvocation {
            SandboxInvocation(command: ["/bin/engine", unit], environment: [:], files: ["f"])
        }
        func discard(_ invocation: SandboxInvocation) async {
            try? directory.write("discarded", invocation.files.joined())
        }
        func failure(of pod: PodID) async -> DomainError? { cause }
    }

    private func launcher(
        _ script: String, cause: DomainError? = nil, patience: Duration = .seconds(60)
    ) throws -> (
        SystemdRunLauncher, TemporaryDirectory
    ) {
        let fake = try FakeEngine()
        try fake.write(".run", "here=\(fake.directory.path)\n" + script)
        var settings = LauncherSettings()
        settings.systemdRun = fake.binary
        settings.startTimeout = .milliseconds(1)
        settings.startPatience = patience
        let launcher = SystemdRunLauncher(
            settings: settings, bus: SystemdBus(), program: Program(cause: cause, directory: fake.directory),
            logger: Self.quiet,
            limits: HostLimits(maySetResources: true, openFiles: 1 << 30))
        return (launcher, fake.directory)
    }

    @Test("a start that succeeds lets go of the request")
    func starts() async throws {
        let (launcher, directory) = try launcher("exit 0")
        try await launcher.launch(Samples.podID, config: Samples.plainPod)
        #expect(directory.text("discarded") == "f")
        let call = try #require(
            directory.names("calls").first { $0.hasSuffix(".args") }.flatMap { directory.text("calls/\($0)") })
        #expect(
            call.contains("--unit=rktlet-pod-\(Samples.podID.rawValue.prefix(12)).service\n--slice=rktlet-pods.slice\n")
        )
        #expect(call.hasSuffix("--\n/bin/engine\nrktlet-pod-\(Samples.podID.rawValue.prefix(12)).service\n"))
    }

    @Test("a failed start is told in the engine's own words, with its code")
    func engineFailure() async throws {
        let (launcher, directory) = try launcher("exit 1", cause: DomainError(.resourceExhausted, "no free address"))
        let error = await #expect(throws: DomainError.self) {
            try await launcher.launch(Samples.podID, config: Samples.plainPod)
        }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.hasPrefix("pod \(Samples.podID): no free address") == true)
        #expect(directory.text("discarded") == "f")
    }

    @Test("where the engine left no word, systemd's is told")
    func systemdFailure() async throws {
        let (launcher, _) = try launcher("echo 'Job failed. See journal' >&2; exit 1")
        let error = await #expect(throws: DomainError.self) {
            try await launcher.launch(Samples.podID, config: Samples.plainPod)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("Job failed. See journal") == true)
    }

    @Test("of a long log the newest lines are told, and of each line as much as fits")
    func excerpt() {
        let lines = (1...100).map { "line \($0) " + String(repeating: "ö", count: 400) }
        let excerpt = SystemdRunLauncher.excerpt(of: lines)
        #expect(excerpt.last?.hasPrefix("line 100 ") == true)
        #expect(excerpt.count < 10)
        #expect(excerpt.allSatisfy { $0.utf8.count <= 300 && $0.hasSuffix("…") })
        #expect(SystemdRunLauncher.excerpt(of: ["a", "b"]) == ["a", "b"])
    }

    @Test("a start that takes too long is told in the engine's own words too")
    func startTimesOut() async throws {
        let (launcher, directory) = try launcher(
            "exec sleep 600", cause: DomainError(.resourceExhausted, "no free address"), patience: .milliseconds(200))
        let error = await #expect(throws: DomainError.self) {
            try await launcher.launch(Samples.podID, config: Samples.plainPod)
        }
        #expect(error?.code == .resourceExhausted)
        #expect(directory.text("discarded") == "f")
    }

    @Test("a cancelled start kills systemd-run and lets go of the request")
    func cancelled() async throws {
        let (launcher, directory) = try launcher("touch \"$here/begun\"; sleep 600")
        let launch = Task {
            do throws(DomainError) {
                try await launcher.launch(Samples.podID, config: Samples.plainPod)
                return nil as DomainError?
            } catch {
                return error
            }
        }
        try await directory.awaitFile("begun")
        launch.cancel()
        #expect(await launch.value?.code == .cancelled)
        #expect(directory.text("discarded") == "f")
    }

    @Test("a parent that is no slice is refused before anything is made")
    func validates() async throws {
        let (launcher, directory) = try launcher("exit 0")
        var config = Samples.plainPod
        config.cgroupParent = "/kubepods/pod1"
        #expect(throws: DomainError.self) { try launcher.validate(config) }
        await #expect(throws: DomainError.self) { try await launcher.launch(Samples.podID, config: config) }
        #expect(!directory.exists("calls"))
        #expect(!directory.exists("discarded"))
    }
}
