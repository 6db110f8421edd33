import Domain
import JSON
import Logging
import Testing

@testable import RktCLI

private let rktUUID = "7c4bf4b6-95e4-4b05-bb2f-5dd3a5a1f3b1"

/// What rkt 1.30.0 prints, with our annotations in it.
private enum RktShapes {
    static func app(_ state: String, _ more: String = "") throws -> String {
        let annotation = try RktAnnotation.encode(
            ContainerAnnotation(Samples.newContainer(Samples.plainContainer)).text, of: "")
        return """
            {"name":"\(Samples.containerID)","state":"\(state)","created_at":1795469061256319834,"started_at":1795469061331462965\(more),\
            "image_id":"sha512-1","user_annotations":{"io.rktlet.container":"\(annotation)"}}
            """
    }

    static func pod(_ state: String = "running", apps: String = "null") throws -> String {
        let annotation = PodAnnotation(
            id: Samples.podID, createdAt: Timestamp(nanoseconds: 7), config: Samples.plainPod)
        let encoded = try RktAnnotation.encode(annotation.text, of: "")
        return """
            {"name":"\(rktUUID)","state":"\(state)","networks":[{"netName":"default","netConf":"net/99-default.conf",\
            "pluginPath":"stage1/rootfs/usr/lib/rkt/plugins/net/ptp","ifName":"eth0","ip":"172.16.28.2","args":"","mask":"255.255.255.0"}],\
            "app_names":null,"apps":\(apps),"created_at":1795468211,"started_at":1795468212,\
            "user_annotations":{"io.rktlet.pod":"\(encoded)"},"user_labels":{"lab":"val1"}}
            """
    }

    static let foreign =
        #"{"name":"11111111-1111-1111-1111-111111111111","state":"running","apps":null,"created_at":1}"#
}

@Suite("Plain rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktTests {
    private func fake(app state: String = "running", _ more: String = "") throws -> FakeEngine {
        let fake = try FakeEngine.rkt()
        let app = try RktShapes.app("running")
        try fake.answer("list", "[\(try RktShapes.pod(apps: "[\(app)]")),\(RktShapes.foreign)]\n")
        try fake.answer("app-status", try RktShapes.app(state, more))
        return fake
    }

    @Test("runs with the variables that unlock its app commands, and under the name rkt")
    func gates() async throws {
        let fake = try fake()
        let engine = fake.engine()
        let features = try await engine.features
        #expect(features.name == "rkt")
        #expect(features.version == "1.30.0")
        #expect(!features.stopTimeouts)
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
        try other.write("status", try RktShapes.app("running"))
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
        try fake.answer("list", "[\(try RktShapes.pod())]")
        try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        #expect(fake.calls("app-rm").count == 2)
    }

    @Test("a record that cannot be read may be any pod's")
    func unreadable() async throws {
        let fake = try FakeEngine.rkt()
        let spoilt = #"{"name":"x","user_annotations":{"io.rktlet.pod":"!"}}"#
        try fake.answer("list", "[\(spoilt),\(RktShapes.foreign)]")
        let inventory = try await fake.engine().inventory()
        #expect(inventory.records.isEmpty)
        #expect(inventory.mayHold(Samples.podID))
        try fake.answer("list", "[\(RktShapes.foreign)]")
        #expect(try await !fake.engine().inventory().mayHold(Samples.podID))
    }

    @Test("a change of the pods' units makes it look at once")
    func wakeups() async throws {
        let fake = try fake()
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self)
        let engine = RktCLIEngine(
            settings: fake.settings { $0.pollInterval = .seconds(3600) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, wakeups: { wakeups })
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
    }

    @Test(
        "exit codes: signals of a stop become 128+n, a missing binary a start error, 0 is left out",
        arguments: [
            ("15", 143, "Error"), ("9", 137, "Error"), ("203", 128, "StartError"), ("1", 1, "Error"), ("2", 2, "Error"),
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
        try fake.answer("list", "[\(try RktShapes.pod(word))]")
        #expect(try await fake.engine().record(of: Samples.podID)?.pod.state == state)
    }

    @Test("a container becomes flags of app add")
    func addContainer() async throws {
        let fake = try fake(app: "created")
        let directory = fake.directory.path
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/data", hostPath: directory)]
        config.workingDirectory = "/w"
        config.logPath = "main/0.log"
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
                "--memory=67108864", "--oom-score-adj=500", "--stdin=null", "--stdout=log", "--stderr=log",
                "--annotation=coreos.com/rkt/experiment/kubernetes-log-path=main/0.log", "--exec=/bin/sleep", "--",
                "600", "---",
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
            ("privileged", { $0.security.privileged = true }),
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
            let error = #expect(throws: DomainError.self, "\(field)") { try RktLimits.check(config) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(field) == true, "\(field): \(error?.message ?? "")")
        }
        #expect(throws: Never.self) { try RktLimits.check(Samples.plainContainer) }
        #expect(throws: Never.self) { try RktLimits.check(Samples.plainPod) }
        #expect(throws: DomainError.self) { try RktLimits.check(Samples.pod) }
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

    @Test("a failed add removes the app that rkt leaves behind")
    func failedAdd() async throws {
        let fake = try fake(app: "created")
        try fake.answer("app-add", error: "add: error adding app to pod: error: multiple apps with name b1", code: 254)
        await #expect(throws: DomainError.self) {
            try await fake.engine().addContainer(Samples.newContainer(Samples.plainContainer))
        }
        #expect(
            fake.calls("app-rm") == [
                ["app", "rm", "--dir=\(fake.directory.path)/data", rktUUID, "--app=\(Samples.containerID)"]
            ])
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
        let result = try await fake.engine().execSync(
            ["sh", "-c", "x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(20), outputLimit: 4)
        #expect(result == ExecResult(stdout: Array("out".utf8), stderr: Array("e".utf8), exitCode: 5))
        #expect(fake.calls("app-exec").first?.suffix(4) == [rktUUID, "sh", "-c", "x"])
    }

    @Test("the sandbox is called with flags, and without what rkt cannot do")
    func sandbox() async throws {
        let fake = try fake()
        let engine = fake.engine()
        let invocation = try await engine.prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
        let command = invocation.command.filter { !$0.hasPrefix("--user-annotation") }
        #expect(
            command == [
                fake.binary, "app", "sandbox", "--dir=\(fake.directory.path)/data",
                "--uuid-file-save=\(invocation.files[0])",
                "--net=default", "--hostname=web-0", "--dns=10.0.0.10", "--port=tcp-80:tcp:80:0.0.0.0:8080",
                "--annotation=coreos.com/rkt/experiment/logmode=k8s-plain",
                "--annotation=coreos.com/rkt/experiment/kubernetes-log-dir=/var/log/pods/web",
            ])
        #expect(invocation.notifyAccess == "all")
        #expect(invocation.cleanup.isEmpty)
        await engine.discard(invocation)
        #expect(fake.directory.names("run/requests").isEmpty)
        await #expect(throws: DomainError.self) {
            try await engine.prepare(Samples.podID, config: Samples.pod, unit: "u.service")
        }
    }

    @Test("images: the last printed line is the id, and the list tells the rest")
    func images() async throws {
        let fake = try FakeEngine.rkt()
        let id = "sha512-" + String(repeating: "a", count: 64)
        try fake.answer("image-fetch", "image: searching\nimage: remote fetching\n\(id)\n")
        try fake.answer(
            "image-list",
            """
            [{"id":"\(id)","name":"example.com/busybox:1.35.0","import_time":1795467583847036686,\
            "last_used_time":1795467583847036737,"size":2003456}]
            """)
        let store = RktImageStore(engine: fake.engine())
        let image = try await store.pull("example.com/busybox:1.35.0", credentials: nil, progress: { _ in })
        #expect(
            image == Image(id: ImageID(id), repoTags: ["example.com/busybox:1.35.0"], repoDigests: [], size: 2_003_456))
        #expect(try await store.usage().images.usedBytes == 2_003_456)
        let error = await #expect(throws: DomainError.self) {
            try await store.pull(
                "busybox", credentials: RegistryCredentials(username: "u", password: Secret("p")), progress: { _ in })
        }
        #expect(error?.code == .invalidArgument)
        try fake.answer("image-list", "null\n")
        #expect(try await store.list().isEmpty)
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
                try fake.answer("app-status", try RktShapes.app("exited", ",\"exit_code\":1,\"finished_at\":5"))
            } else if records.first?.containers.first?.state == .exited {
                break
            }
        }
        #expect(snapshots >= 2)
    }
}
