import Domain
import JSON
import Logging
import Testing

@testable import RktCLI

private let rktUUID = PlainRktShapes.uuid

@Suite("Plain rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktTests {
    private func fake(app state: String = "running", _ more: String = "") throws -> FakeEngine {
        let fake = try FakeEngine.rkt()
        let app = try PlainRktShapes.app("running")
        try fake.answer("list", "[\(try PlainRktShapes.pod(apps: "[\(app)]")),\(PlainRktShapes.foreign)]\n")
        try fake.answer("app-status", try PlainRktShapes.app(state, more))
        return fake
    }

    @Test("runs with the variables that unlock its app commands, and under the name rkt")
    func gates() async throws {
        let fake = try fake()
        let engine = fake.engine()
        let features = try await engine.features
        #expect(features.name == "rkt")
        #expect(features.version == "1.30.0")
        #expect(features.stopTimeouts)
        _ = try await engine.inventory()
        let environment = try #require(fake.environments("list").first)
        #expect(environment.contains("RKT_EXPERIMENT_APP=true"))
        #expect(environment.contains("RKT_EXPERIMENT_ATTACH=true"))
        #expect(fake.calls("list") == [["list", "--dir=\(fake.directory.path)/data", "--format=json"]])
    }

    @Test("no pods at all are printed as null")
    func emptyList() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "null\n")
        #expect(try await fake.engine().inventory().records.isEmpty)
    }

    @Test("an app's state comes from its own status, since the list has the pod's")
    func inventory() async throws {
        let fake = try fake(app: "exited", #","finished_at":1795469061545021430,"exit_code":3"#)
        let record = try #require(try await fake.engine().inventory().records.first)
        #expect(record.pod.id == Samples.podID)
        #expect(record.pod.createdAt == Timestamp(nanoseconds: 7))
        #expect(record.pod.state == .ready)
        #expect(record.pod.ips == ["172.16.28.2"])
        #expect(record.pod.unit == "rktlet-pod-\(Samples.podID.rawValue.prefix(12)).service")
        let container = try #require(record.containers.first)
        #expect(container.state == .exited)
        #expect(container.startedAt == Timestamp(nanoseconds: 1_795_469_061_331_462_965))
        #expect(
            container.exit
                == ContainerExit(
                    finishedAt: Timestamp(nanoseconds: 1_795_469_061_545_021_430), code: 3, reason: "Error"))
        #expect(fake.calls("app-status").first?.contains(rktUUID) == true)
    }

    @Test("an app whose status fails is unknown, not gone")
    func statusFails() async throws {
        let fake = try fake()
        try fake.answer("app-status", error: "status: error getting app status", code: 1)
        let container = try #require(try await fake.engine().inventory().records.first?.containers.first)
        #expect(container.id == Samples.containerID)
        #expect(container.state == .unknown)
    }

    @Test("a status that fails now and then says nothing new")
    func statusFailsOnce() async throws {
        let fake = try fake()
        let engine = fake.engine()
        #expect(try await engine.inventory().records.first?.containers.first?.state == .running)
        try fake.answer("app-status", error: "status: error getting app status", code: 1)
        #expect(try await engine.inventory().records.first?.containers.first?.state == .running)

        let other = try self.fake()
        let once = "if [ -e \"$here/asked\" ]; then cat \"$here/status\"; else touch \"$here/asked\"; exit 1; fi"
        try other.write("status", try PlainRktShapes.app("running"))
        try other.write("app-status.run", once)
        #expect(try await other.engine().inventory().records.first?.containers.first?.state == .running)
    }

    @Test("an app that is listed is removed, though its status fails; one that is not is gone")
    func removesWithoutStatus() async throws {
        let fake = try fake()
        try fake.answer("app-status", error: "status: error getting app status", code: 1)
        try fake.answer("app-stop", error: "stop: not running", code: 1)
        let engine = fake.engine()
        try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        #expect(fake.calls("app-rm").count == 1)
        try fake.answer("app-rm", error: "rm: busy", code: 1)
        await #expect(throws: DomainError.self) {
            try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        }
        try fake.answer("list", "[\(try PlainRktShapes.pod())]")
        try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        #expect(fake.calls("app-rm").count == 2)
    }

    @Test("a record that cannot be read may be any pod's")
    func unreadable() async throws {
        let fake = try FakeEngine.rkt()
        let spoilt = #"{"name":"x","user_annotations":{"io.rktlet.pod":"!"}}"#
        try fake.answer("list", "[\(spoilt),\(PlainRktShapes.foreign)]")
        let inventory = try await fake.engine().inventory()
        #expect(inventory.records.isEmpty)
        #expect(inventory.mayHold(Samples.podID))
        try fake.answer("list", "[\(PlainRktShapes.foreign)]")
        #expect(try await !fake.engine().inventory().mayHold(Samples.podID))
    }

    @Test("a change of the pods' units makes it look at once")
    func wakeups() async throws {
        let fake = try fake()
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self)
        let engine = RktCLIEngine(
            settings: fake.settings { $0.pollInterval = .seconds(3600) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            surroundings: EngineSurroundings(wakeups: { wakeups }))
        var events = engine.events().makeAsyncIterator()
        _ = await events.next()
        try fake.answer("list", "null")
        wake.yield()
        #expect(await events.next() == .snapshot([]))
    }

    @Test("limits that are not enforced are told of, where they are not")
    func unenforcedLimits() {
        var config = Samples.plainContainer
        #expect(RktLimits.unenforced(config, unified: false) == nil)
        var resources = LinuxResources()
        resources.memoryLimit = 1 << 20
        config.resources = resources
        #expect(RktLimits.unenforced(config, unified: true) == nil)
        #expect(RktLimits.unenforced(config, unified: false)?.contains("memory_limit_in_bytes") == true)
        resources.cpuShares = 5
        resources.oomScoreAdjust = 7
        config.resources = resources
        #expect(RktLimits.unenforced(config, unified: false)?.contains("cpu_shares") == true)
        // A status has what holds, and nothing else.
        var inForce = LinuxResources()
        inForce.oomScoreAdjust = 7
        #expect(RktLimits.inForce(resources, unified: false) == inForce)
        #expect(RktLimits.inForce(resources, unified: true) == resources)
        resources.oomScoreAdjust = 0
        #expect(RktLimits.inForce(resources, unified: false) == LinuxResources())
        #expect(RktLimits.inForce(nil, unified: false) == nil)
    }

    @Test(
        "exit codes are as rkt has them, 0 is left out",
        arguments: [
            ("15", 15, "Error"), ("9", 9, "Error"), ("203", 203, "Error"), ("1", 1, "Error"), ("2", 2, "Error"),
            ("143", 143, "Error"), (nil, 0, "Completed"),
        ] as [(String?, Int32, String)])
    func exitCodes(raw: String?, code: Int32, reason: String) async throws {
        let fake = try fake(app: "exited", (raw.map { ",\"exit_code\":\($0)" } ?? "") + ",\"finished_at\":5")
        let exit = try #require(try await fake.engine().inventory().records.first?.containers.first?.exit)
        #expect(exit.code == code)
        #expect(exit.reason == reason)
    }

    @Test(
        "pod states",
        arguments: [
            ("embryo", PodSandboxState.creating), ("preparing", .creating), ("prepared", .creating),
            ("running", .ready),
            ("aborted prepare", .notReady), ("deleting", .notReady), ("exited deleting", .notReady),
            ("exited", .notReady),
            ("exited garbage", .notReady), ("garbage", .notReady),
        ])
    func podStates(word: String, state: PodSandboxState) async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "[\(try PlainRktShapes.pod(word))]")
        #expect(try await fake.engine().record(of: Samples.podID)?.pod.state == state)
    }

    @Test("a container becomes flags of app add")
    func addContainer() async throws {
        let fake = try fake(app: "created")
        let directory = fake.directory.path
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/data", hostPath: directory)]
        config.workingDirectory = "/w"
        config.args = ["600", "%n", "$A"]
        config.security.runAsUser = 1000
        config.security.runAsGroup = 100
        config.security.supplementalGroups = [1, 2]
        config.security.readonlyRootfs = true
        config.security.capabilities.drop = ["ALL"]
        config.security.seccomp = .runtimeDefault
        var resources = LinuxResources()
        resources.cpuQuota = 50_000
        resources.memoryLimit = 64 << 20
        resources.cpuShares = 100
        resources.oomScoreAdjust = 500
        config.resources = resources
        let container = try await fake.engine().addContainer(Samples.newContainer(config))
        #expect(container.state == .created)
        let call = try #require(fake.calls("app-add").first)
        #expect(
            call.filter { !$0.hasPrefix("--user-annotation") } == [
                "app", "add", "--dir=\(directory)/data", rktUUID, "sha256:abc", "--name=\(Samples.containerID)",
                "--environment=A=1",
                "--working-dir=/w",
                "--mnt-volume=name=mount-0,kind=host,source=\(directory),target=/data,readOnly=false", "--user=1000",
                "--group=100", "--supplementary-gids=1,2",
                "--caps-remove=CAP_AUDIT_WRITE,CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_MKNOD,"
                    + "CAP_NET_BIND_SERVICE,CAP_NET_RAW,CAP_SETFCAP,CAP_SETGID,CAP_SETPCAP,CAP_SETUID,CAP_SYS_CHROOT",
                "--seccomp=mode=retain,@docker/default-whitelist", "--readonly-rootfs=true", "--cpu=500m",
                "--cpu-shares=100",
                "--memory=67108864", "--oom-score-adj=500", "--stdin=null", "--stdout=stream", "--stderr=stream",
                "--annotation=coreos.com/rkt/experiment/kubernetes-log-path=\(Samples.containerID)",
                "--exec=/bin/sleep",
                "--", "600", "%%n", "$A", "---",
            ])
    }

    @Test(
        "capabilities are said as one list, and an empty one as all removed",
        arguments: [
            ([], [], nil), (["NET_ADMIN"], ["ALL"], "--caps-retain=CAP_NET_ADMIN"),
            (["cap_chown"], ["all"], "--caps-retain=CAP_CHOWN"),
        ] as [([String], [String], String?)])
    func capabilities(add: [String], drop: [String], expected: String?) {
        var capabilities = Capabilities()
        capabilities.add = add
        capabilities.drop = drop
        #expect(RktCapabilities.argument(capabilities) == expected)
    }

    @Test("what it cannot do is refused by the field's name")
    func refusals() throws {
        let cases: [(String, (inout ContainerConfig) -> Void)] = [
            ("config.devices", { $0.devices = Samples.container.devices }),
            ("config.cdi_devices", { $0.cdiDevices = ["a=b"] }),
            ("config.stop_signal", { $0.stopSignal = .kill }),
            ("config.mounts[0].image", { $0.mounts = [Samples.imageMount] }),
            ("config.mounts[0].recursive_read_only", { $0.mounts = [Samples.mount] }),
            (
                "memory_swap_limit_in_bytes",
                {
                    $0.resources = LinuxResources(); $0.resources?.memorySwapLimit = 5
                }
            ),
            ("privileged", { $0.security.privileged = true }), ("config.tty", { $0.tty = true }),
            ("namespace_options.pid", { $0.security.namespaces.pid = .container }),
            ("no_new_privs", { $0.security.noNewPrivileges = true }),
            ("seccomp", { $0.security.seccomp = .localhost("/a") }),
            ("apparmor", { $0.security.appArmor = .runtimeDefault }),
            ("selinux_options", { $0.security.seLinux = Samples.security.seLinux }),
            ("supplemental_groups_policy", { $0.security.supplementalGroupsPolicy = .strict }),
            ("masked_paths", { $0.security.maskedPaths = ["/secret"] }),
        ]
        for (field, change) in cases {
            var config = Samples.plainContainer
            change(&config)
            let error = #expect(throws: DomainError.self, "\(field)") { try RktLimits.check(config, RktGrants()) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(field) == true, "\(field): \(error?.message ?? "")")
        }
        #expect(throws: Never.self) { try RktLimits.check(Samples.plainContainer, RktGrants()) }
        #expect(throws: Never.self) { try RktLimits.check(Samples.plainPod, RktGrants()) }
        #expect(throws: DomainError.self) { try RktLimits.check(Samples.pod, RktGrants()) }
    }

    @Test("a host path that is not there is refused, where rkt would make it")
    func missingHostPath() async throws {
        let fake = try fake()
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/data", hostPath: "/nonexistent/path")]
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().addContainer(Samples.newContainer(config))
        }
        #expect(error?.message.contains("config.mounts[0].host_path") == true)
        #expect(fake.calls("app-add").isEmpty)
    }

    @Test(
        "a failed add leaves nothing that is to be seen, though rkt goes on listing the app, and tells what the unit logged"
    )
    func failedAdd() async throws {
        let fake = try fake(app: "created")
        try fake.answer("app-add", error: "add: error adding app to pod: exit status 254", code: 254)
        try fake.answer("app-rm", error: "rm: error removing app: exit status 5", code: 254)
        func engine() -> RktCLIEngine {
            fake.engine(surroundings: EngineSurroundings(lastLines: { unit, _ in ["\(unit) said why"] }))
        }
        let error = await #expect(throws: DomainError.self) {
            try await engine().addContainer(Samples.newContainer(Samples.plainContainer))
        }
        #expect(error?.message.contains("rktlet-pod-0123456789ab.service said why") == true, "\(error?.message ?? "")")
        #expect(
            fake.calls("app-rm") == [
                ["app", "rm", "--dir=\(fake.directory.path)/data", rktUUID, "--app=\(Samples.containerID)"]
            ])
        // Over a restart as well.
        let restarted = engine()
        #expect(try await restarted.inventory().records.first?.containers == [])
        #expect(try await restarted.record(of: Samples.podID)?.containers == [])
        try await restarted.removeContainer(Samples.containerID, of: Samples.podID)
        try fake.answer("app-rm")
        try await restarted.removeContainer(Samples.containerID, of: Samples.podID)
    }

    @Test("a container that was never started has ended once it is stopped, over a restart as well")
    func stopsUnstarted() async throws {
        let fake = try fake(app: "created")
        let stopped = try await fake.engine().stopContainer(
            Samples.containerID, of: Samples.podID, signal: .kill, grace: .zero)
        #expect(stopped.state == .exited)
        #expect(stopped.exit?.code == 137)
        #expect(fake.calls("app-stop").isEmpty)
        #expect(try await fake.engine().inventory().records.first?.containers.first?.exit == stopped.exit)
    }

    @Test("a program that cannot be executed is a failed start, an exit with the same code is not")
    func failedStart() async throws {
        let fake = try fake(app: "created")
        try fake.write(
            "app-start.run", "cp \"$here/exited\" \"$here/app-status.out\"")
        try fake.write("exited", try PlainRktShapes.app("exited", #","finished_at":5,"exit_code":203"#))
        let engine = fake.engine()
        let error = await #expect(throws: DomainError.self) {
            try await engine.startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .invalidArgument)
        let exit = try await fake.engine().inventory().records.first?.containers.first?.exit
        #expect(exit?.reason == "StartError")
        #expect(exit?.code == 128)
    }

    @Test(
        "a pod with a PID namespace per container is refused unless the operator grants one for all, and then says so")
    func sharedPIDNamespace() async throws {
        var config = Samples.plainPod
        config.namespaces.pid = .container
        let fake = try fake()
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().prepare(Samples.podID, config: config, unit: "u.service")
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("namespace_options.pid") == true)
        #expect(error?.message.contains("rktSharedPIDNamespace") == true)
        _ = try await networked(fake) { $0.rkt.sharedPIDNamespace = true }.prepare(
            Samples.podID, config: config, unit: "u.service")
        var container = Samples.plainContainer
        container.security.namespaces.pid = .container
        var granted = RktGrants()
        granted.sharedPIDNamespace = true
        #expect(throws: DomainError.self) { try RktLimits.check(container, RktGrants()) }
        #expect(throws: Never.self) { try RktLimits.check(container, granted) }
        container.security.namespaces.pid = .node
        #expect(throws: DomainError.self) { try RktLimits.check(container, granted) }

        let annotation = PodAnnotation(id: Samples.podID, createdAt: Timestamp(nanoseconds: 7), config: config)
        let encoded = try RktAnnotation.encode(annotation.text, of: "")
        try fake.answer(
            "list", #"[{"name":"\#(rktUUID)","state":"running","user_annotations":{"io.rktlet.pod":"\#(encoded)"}}]"#)
        let pod = try #require(try await fake.engine().record(of: Samples.podID)?.pod)
        #expect(pod.config == config)
        #expect(pod.namespaces.pid == .pod)
    }

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
        let fake = try fake()
        await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["id"], in: Samples.containerID, of: Samples.podID, timeout: nil, outputLimit: 4)
        }
        #expect(fake.calls("app-exec").isEmpty)
    }

    @Test("only a created container is started, although rkt would start an exited one again")
    func startsOnce() async throws {
        let fake = try fake(app: "exited")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(fake.calls("app-start").isEmpty)
    }

    @Test("a pod or an app that rkt does not know is removed already, and has no status")
    func absent() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "null")
        let engine = fake.engine()
        try await engine.remove(Samples.podID)
        try await engine.finish(Samples.podID)
        try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        #expect(try await engine.record(of: Samples.podID) == nil)
        let error = await #expect(throws: DomainError.self) {
            try await engine.stopContainer(Samples.containerID, of: Samples.podID, signal: nil, grace: .zero)
        }
        #expect(error?.code == .notFound)
        #expect(fake.calls("rm").isEmpty)
    }

    @Test("exec passes both streams and the command's code on")
    func exec() async throws {
        let fake = try fake()
        try fake.answer("app-exec", "out", error: "err", code: 5)
        let result = try await fake.engine { $0.rkt.execAsRoot = true }.execSync(
            ["sh", "-c", "x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(20), outputLimit: 4)
        #expect(result == ExecResult(stdout: Array("out".utf8), stderr: Array("e".utf8), exitCode: 5))
        #expect(fake.calls("app-exec").first?.suffix(4) == [rktUUID, "sh", "-c", "x"])
    }

    private func networked(
        _ fake: FakeEngine, _ change: (inout EngineSettings) -> Void = { _ in }
    ) throws -> RktCLIEngine {
        fake.directory.makeDirectory("net.d")
        try fake.write("net.d/10-pods.conf", #"{"name":"pods","type":"bridge"}"#)
        try fake.directory.write("bridge", "", mode: 0o700)
        var settings = EngineSettings.Changeable()
        settings.cniConfigurationDirectory = fake.directory.path + "/net.d"
        settings.cniBinaryDirectories = [fake.directory.path]
        return fake.engine { [settings] in
            $0.changeable = { settings }
            change(&$0)
        }
    }

    @Test("the sandbox is called with flags, and without what rkt cannot do")
    func sandbox() async throws {
        let fake = try fake()
        let engine = try networked(fake)
        let invocation = try await engine.prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
        let command = invocation.command.filter { !$0.hasPrefix("--user-annotation") && !$0.hasPrefix("--user-config") }
        #expect(
            command == [
                fake.binary, "app", "sandbox", "--dir=\(fake.directory.path)/data",
                "--uuid-file-save=\(invocation.files[0])",
                "--local-config=\(fake.directory.path)/run/rkt", "--net=default", "--hostname=web-0", "--dns=10.0.0.10",
                "--port=tcp-80:tcp:80:0.0.0.0:8080",
                "--annotation=coreos.com/rkt/experiment/logmode=k8s-plain",
                "--annotation=coreos.com/rkt/experiment/kubernetes-log-dir=\(fake.directory.path)/data/rktlet/logs/\(Samples.podID)",
            ])
        #expect(invocation.notifyAccess == "all")
        #expect(invocation.cleanup.isEmpty)
        await engine.discard(invocation)
        #expect(fake.directory.names("run/requests").isEmpty)
        await #expect(throws: DomainError.self) {
            try await engine.prepare(Samples.podID, config: Samples.pod, unit: "u.service")
        }
    }

    @Test("images: the last printed line is the id; what was asked for is what they are called, over a restart as well")
    func images() async throws {
        let fake = try FakeEngine.rkt()
        let id = "sha512-" + String(repeating: "a", count: 64)
        try fake.answer("image-fetch", "image: searching\nimage: remote fetching\n\(id)\n")
        // rkt writes another registry than was asked for, where that has a port.
        try fake.answer("image-list", "[\(Self.image(id, "example.com_5000/busybox:1.35.0"))]")
        let store = RktImageStore(engine: fake.engine())
        let image = try await store.pull("example.com:5000/busybox:1.35.0", credentials: nil, progress: { _ in })
        #expect(
            image
                == Image(
                    id: ImageID(id), repoTags: ["example.com:5000/busybox:1.35.0"], repoDigests: [], size: 2_003_456))
        #expect(
            fake.calls("image-fetch") == [
                [
                    "image", "fetch", "--dir=\(fake.directory.path)/data", "--insecure-options=image",
                    "--pull-policy=update",
                    "--full", "docker://example.com:5000/busybox:1.35.0",
                ]
            ])
        #expect(try await RktImageStore(engine: fake.engine()).list() == [image])
        #expect(try await store.usage().images.usedBytes == 2_003_456)
        let error = await #expect(throws: DomainError.self) {
            try await store.pull(
                "busybox", credentials: RegistryCredentials(username: "u", password: Secret("p")), progress: { _ in })
        }
        #expect(error?.code == .invalidArgument)
        try fake.answer("image-list", "null\n")
        #expect(try await store.list().isEmpty)
    }

    private static func image(_ id: String, _ name: String) -> String {
        """
        {"id":"\(id)","name":"\(name)","import_time":1795467583847036686,"last_used_time":1795467583847036737,"size":2003456}
        """
    }

    @Test(
        "an image that was pulled by digest is found by it, which rkt forgets; a tag that moves leaves the image it had"
    )
    func digests() async throws {
        let fake = try FakeEngine.rkt()
        let (old, new) = ("sha512-" + String(repeating: "a", count: 64), "sha512-" + String(repeating: "b", count: 64))
        let digest = "example.com/busybox@sha256:" + String(repeating: "c", count: 64)
        try fake.answer("image-fetch", old + "\n")
        try fake.answer("image-list", "[\(Self.image(old, "example.com/busybox"))]")
        let store = RktImageStore(engine: fake.engine())
        let pulled = try await store.pull(
            digest.replacing("@", with: ":1@"), credentials: nil, progress: { _ in })
        #expect(pulled.repoDigests == [digest])
        #expect(pulled.repoTags.isEmpty)
        let cache = ImageCache(store: RktImageStore(engine: fake.engine()))
        #expect(try await cache.resolve(digest)?.id == ImageID(old))

        _ = try await store.pull("example.com/busybox:1", credentials: nil, progress: { _ in })
        try fake.answer("image-fetch", new + "\n")
        try fake.answer(
            "image-list",
            "[\(Self.image(old, "example.com/busybox:1")),\(Self.image(new, "example.com/busybox:1"))]")
        #expect(
            try await store.pull("example.com/busybox:1", credentials: nil, progress: { _ in }).repoTags == [
                "example.com/busybox:1"
            ])
        let images = try await RktImageStore(engine: fake.engine()).list()
        #expect(images.first { $0.id == ImageID(old) }?.repoTags == [])
        #expect(images.first { $0.id == ImageID(old) }?.repoDigests == [digest])
    }

    @Test("what rkt runs pods with is no image of a client: not listed, not counted, not removed")
    func stage1() async throws {
        let fake = try FakeEngine.rkt()
        let id = "sha512-" + String(repeating: "a", count: 64)
        try fake.answer("image-list", "[\(Self.image(id, "example.com/my-stage1:1.30.0"))]")
        try fake.answer(
            "image-cat-manifest",
            #"{"acKind":"ImageManifest","annotations":[{"name":"coreos.com/rkt/stage1/run","value":"/init"}]}"#)
        let store = RktImageStore(engine: fake.engine())
        #expect(try await store.list().isEmpty)
        #expect(try await store.usage().images.usedBytes == 0)
        let error = await #expect(throws: DomainError.self) { try await store.remove(ImageID(id)) }
        #expect(error?.code == .failedPrecondition)
        #expect(fake.calls("image-rm").isEmpty)
        // Asked once.
        #expect(fake.calls("image-cat-manifest").count == 1)
    }

    @Test("a failed fetch claims nothing that rkt does not tell")
    func failedFetch() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("image-fetch", error: "fetch: attempted fallback to API v1 but not supported", code: 254)
        let error = await #expect(throws: DomainError.self) {
            try await RktImageStore(engine: fake.engine()).pull("busybox", credentials: nil, progress: { _ in })
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("fallback to API v1") == true)
        #expect(error?.message.contains("RegistryUnavailable") == false)
    }

    @Test("without events, each difference comes as a snapshot")
    func events() async throws {
        let fake = try fake()
        var snapshots = 0
        for await event in fake.engine().events() {
            guard case .snapshot(let records) = event else { continue }
            snapshots += 1
            if snapshots == 1 {
                #expect(records.first?.containers.first?.state == .running)
                try fake.answer("app-status", try PlainRktShapes.app("exited", ",\"exit_code\":1,\"finished_at\":5"))
            } else if records.first?.containers.first?.state == .exited {
                break
            }
        }
        #expect(snapshots >= 2)
    }
}
