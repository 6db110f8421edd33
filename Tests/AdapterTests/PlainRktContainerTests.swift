import Domain
import Glibc
import JSON
import Logging
import Testing

@testable import RktCLI

private let rktUUID = PlainRktShapes.uuid

@Suite("Containers on rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktContainerTests {
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
        let fake = try FakeEngine.rktPod(
            app: "exited", (raw.map { ",\"exit_code\":\($0)" } ?? "") + ",\"finished_at\":5")
        let exit = try #require(try await fake.engine().inventory().records.first?.containers.first?.exit)
        #expect(exit.code == code)
        #expect(exit.reason == reason)
    }

    @Test("a container becomes flags of app add")
    func addContainer() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
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
                "app", "add", "--dir=\(directory)/data", "--debug=true", rktUUID, "sha256:abc",
                "--name=\(Samples.containerID)",
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
        let fake = try FakeEngine.rktPod()
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
        let fake = try FakeEngine.rktPod(app: "created")
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

    @Test("a failed add tells what rkt's stage 1 said, and not only that it failed")
    func failedAddCause() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
        // rkt 1.30.0: app add --debug=true UUID IMAGE --name=zz --user=nobody-here --exec=/bin/sleep -- 1 ---
        try fake.answer(
            "app-add",
            error: """
                stage0: locking pod manifest
                stage0: Loading image sha512-8eb03abb56bc2486b488542d264003b0bf14846e00bff6272f75e835649d0d2d
                stage0: Writing image manifest
                stage0: adding app to sandbox
                stage0: stage0: app-add: app add failed
                  └─error generating app units
                    └─unable to determine app's uid and gid
                      └─failed to configure user "nobody-here"
                        └─"nobody-here" user not found

                add: error adding app to pod
                  └─error executing stage1 entrypoint
                    └─exit status 254

                """, code: 254)
        let engine = fake.engine(surroundings: EngineSurroundings(lastLines: { _, _ in ["Started the pod."] }))
        let error = await #expect(throws: DomainError.self) {
            try await engine.addContainer(Samples.newContainer(Samples.plainContainer))
        }
        let message = error?.message ?? ""
        #expect(
            message.contains("failed to configure user \"nobody-here\": \"nobody-here\" user not found"), "\(message)")
        #expect(message.contains("exit status 254"), "\(message)")
        #expect(!message.contains("locking pod manifest") && !message.contains("Started the pod."), "\(message)")
    }

    @Test("a volume that is to be labelled is refused where there is SELinux only: a kubelet asks for it everywhere")
    func labels() {
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/etc/hosts", hostPath: "/etc/hosts")]
        config.mounts[0].seLinuxRelabel = true
        #expect(throws: Never.self) { try RktLimits.check(config, RktGrants(), seLinux: false) }
        let error = #expect(throws: DomainError.self) { try RktLimits.check(config, RktGrants(), seLinux: true) }
        #expect(error?.message.contains("config.mounts[0].selinux_relabel") == true)
    }

    @Test("a path with something mounted below it is refused by name: rkt would show an empty directory there")
    func mountsBelow() throws {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("a b")
        try #require(symlink(directory.path + "/a b", directory.path + "/link") == 0)
        let resolved = try #require(realpath(directory.path, nil).map { String(cString: $0) })
        func table(_ point: String) -> String {
            "22 1 8:1 / / rw - ext4 /dev/vda rw\n36 22 0:30 / \(point) rw,relatime - tmpfs t rw\n"
        }
        var config = Samples.plainContainer
        for path in [directory.path + "/a b", directory.path + "/link", "/"] {
            config.mounts = [
                Mount(containerPath: "/x", hostPath: "/proc/version"), Mount(containerPath: "/data", hostPath: path),
            ]
            let below = table("\(resolved)/a\\040b/inner")
            let error = #expect(throws: DomainError.self, "\(path)") { try RktHostMounts.check(config, mounts: below) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("config.mounts[1].host_path") == true)
            #expect(error?.message.contains("inner") == true)
        }
        // The path itself may be a mount, and so may what only begins like it.
        config.mounts = [Mount(containerPath: "/data", hostPath: directory.path + "/a b")]
        for point in ["\(resolved)/a\\040b", "\(resolved)/a\\040bc/d", "\(resolved)/a"] {
            #expect(throws: Never.self, "\(point)") { try RktHostMounts.check(config, mounts: table(point)) }
        }
    }

    @Test("a container that was never started has ended once it is stopped, over a restart as well")
    func stopsUnstarted() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
        let stopped = try await fake.engine().stopContainer(
            Samples.containerID, of: Samples.podID, signal: .kill, grace: .zero)
        #expect(stopped.state == .exited)
        #expect(stopped.exit?.code == 137)
        #expect(fake.calls("app-stop").isEmpty)
        #expect(try await fake.engine().inventory().records.first?.containers.first?.exit == stopped.exit)
    }

    @Test("a program that cannot be executed is a failed start, an exit with the same code is not")
    func failedStart() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
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

    @Test("a failed start is seen however late rkt writes it, as long as the program has not been executed")
    func lateFailedStart() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
        let pod = "data/pods/run/\(rktUUID)"
        let status = "\(fake.directory.path)/\(pod)/stage1/rootfs/rkt/status"
        PrivateFile.makeDirectories(status)
        PrivateFile.makeDirectories(
            "\(fake.directory.path)/cgroup/systemd/u.service/payload/system.slice/\(Samples.containerID).service")
        try fake.write("\(pod)/subcgroup", "u.service")
        try fake.write("\(pod)/stage1/rootfs/rkt/supervisor-status", "")
        try fake.write("cgroup/systemd/u.service/payload/system.slice/\(Samples.containerID).service/cgroup.procs", "")
        try fake.write("exited", try PlainRktShapes.app("exited", #","finished_at":5,"exit_code":203"#))
        try fake.write(
            "app-start.run",
            "(sleep 0.8; cp \"$here/exited\" \"$here/app-status.out\"; echo 203 >'\(status)/\(Samples.containerID)') >/dev/null 2>&1 &"
        )
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine { $0.cgroupDirectory = fake.directory.path + "/cgroup" }
                .startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("only a created container is started, although rkt would start an exited one again")
    func startsOnce() async throws {
        let fake = try FakeEngine.rktPod(app: "exited")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(fake.calls("app-start").isEmpty)
    }

    @Test("an app that is listed is removed, though its status fails; one that is not is gone")
    func removesWithoutStatus() async throws {
        let fake = try FakeEngine.rktPod()
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

    @Test("no app is added before rkt says that the pod takes any, which is asked once a pod")
    func ready() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
        let late = "status: error waiting for pod readiness: context deadline exceeded"
        try fake.answer("status", error: late, code: 254)
        let engine = fake.engine()
        let error = await #expect(throws: DomainError.self) {
            try await engine.addContainer(Samples.newContainer(Samples.plainContainer))
        }
        #expect(error?.code == .unavailable && fake.calls("app-add").isEmpty)
        try fake.answer("status")
        for _ in 0..<2 { _ = try await engine.addContainer(Samples.newContainer(Samples.plainContainer)) }
        #expect(
            fake.calls("status").last == [
                "status", "--dir=\(fake.directory.path)/data", "--wait-ready=500ms", rktUUID,
            ])
        #expect(fake.calls("status").count == 2 && fake.calls("app-add").count == 2)
    }

    @Test("whoever looks while a program that cannot be executed is started sees a failed start, not an exit")
    func startSeen() throws {
        var marks = RktAppMarks.Marks()
        let json = try JSON(parsing: PlainRktShapes.app("exited", #","exit_code":203,"finished_at":5"#))
        #expect(try RktApp.container(json, marks: marks)?.exit?.code == 203)
        marks.isStarting = true
        #expect(try RktApp.container(json, marks: marks)?.exit?.reason == "StartError")
        #expect(marks.lines.isEmpty)
    }
}
