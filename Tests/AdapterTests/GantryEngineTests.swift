import Domain
import JSON
import Synchronization
import Testing

@testable import RktCLI

/// Records of the engine as docs/engine.md has them.
enum GantryShapes {
    static func app(
        _ config: ContainerConfig = Samples.plainContainer, state: String = "created", more: [String: JSON] = [:]
    ) -> JSON {
        let annotation = ContainerAnnotation(Samples.newContainer(config)).text
        var members: [String: JSON] = [
            "name": .string(Samples.containerID.rawValue), "state": .string(state),
            "created_at": 1_700_000_000_000_000_002,
            "image_id": "sha256:abc", "image_name": "sha256:abc", "log_path": "/var/log/x", "stop_signal": "SIGQUIT",
            "cgroup": "/a/b", "user": ["uid": 1000, "gid": 100, "supplemental_groups": [1, 2]],
            "annotations": [ContainerAnnotation.key: .string(annotation)], "user_annotations": [:], "user_labels": [:],
        ]
        members.merge(more) { _, new in new }
        return .object(members)
    }

    static func pod(
        _ config: PodSandboxConfig = Samples.plainPod, state: String = "running", apps: [JSON] = [],
        more: [String: JSON] = [:]
    ) -> JSON {
        let annotation = PodAnnotation(id: Samples.podID, createdAt: Timestamp(nanoseconds: 5), config: config).text
        var members: [String: JSON] = [
            "name": .string(Samples.uuid), "state": .string(state), "unit": "rktlet-pod-1.service", "pid": 77,
            "cgroup": "/p",
            "boot_id": "b", "created_at": 1, "created_at_ns": 1_000_000_000, "networks": [], "ips": ["10.88.0.5"],
            "network": ["mode": "cni", "state": "attached", "error": ""], "netns": "/run/ns/net", "error": "",
            "app_names": [], "apps": .array(apps), "annotations": [PodAnnotation.key: .string(annotation)],
        ]
        members.merge(more) { _, new in new }
        return .object(members)
    }

    static let foreignPod: JSON = [
        "name": "11111111-1111-1111-1111-111111111111", "state": "running", "annotations": [:],
    ]
}

@Suite("The engine gantry", .timeLimit(.minutes(10)))
struct GantryEngineTests {
    @Test("what cannot be read is there all the same, and so is what is not the daemon's")
    func unreadablePods() async throws {
        let fake = try FakeEngine.gantry()
        let spoilt = GantryShapes.pod(more: ["annotations": [PodAnnotation.key: "{"]])
        let list: JSON = [spoilt, GantryShapes.foreignPod]
        try fake.answer("list", list.serialized())
        try fake.answer("status", spoilt.serialized())
        let engine = fake.engine()
        let inventory = try await engine.inventory()
        #expect(inventory.records.isEmpty)
        #expect(inventory.mayHold(Samples.podID))
        #expect(inventory.others.count == 2)
        let error = await #expect(throws: DomainError.self) { try await engine.record(of: Samples.podID) }
        #expect(error?.code == .internal)

        let nameless: JSON = [["state": "running"]]
        try fake.answer("list", nameless.serialized())
        #expect(try await engine.inventory().others == [.anyPod])
        try fake.answer("list", "{}")
        await #expect(throws: DomainError.self) { try await engine.inventory() }
    }

    @Test(
        "a container whose record cannot be read is unknown; its pod and the others stay",
        arguments: [
            ["state": "unheard-of"], ["state": "exited"], ["annotations": ["io.rktlet.container": "{"]],
        ] as [[String: JSON]])
    func unreadableContainer(more: [String: JSON]) async throws {
        let fake = try FakeEngine.gantry()
        let list: JSON = [
            GantryShapes.pod(apps: [GantryShapes.app(more: more), ["name": "by-hand", "annotations": 7]])
        ]
        try fake.answer("list", list.serialized())
        let record = try #require(try await fake.engine().inventory().records.first)
        #expect(record.containers.map(\.id) == [Samples.containerID])
        #expect(record.containers.map(\.state) == [.unknown])
        #expect(record.containers.first?.podID == Samples.podID)
    }

    @Test("proxies reach pulls and nothing else")
    func proxies() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("list", "[]")
        try fake.answer("image-fetch", #"{"id":"sha256:abc"}"#)
        let engine = fake.engine {
            $0.changeable = {
                var settings = EngineSettings.Changeable()
                settings.pullEnvironment = ["HTTPS_PROXY": "http://user:secret@proxy"]
                return settings
            }
        }
        _ = try await engine.inventory()
        _ = try await RktImageStore(engine: engine).pull("busybox", credentials: nil, progress: { _ in })
        #expect(fake.environments("image-fetch").first?.contains("HTTPS_PROXY=http://user:secret@proxy") == true)
        #expect(fake.environments("list").first?.contains("secret") == false)
        let invocation = try await engine.prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
        #expect(!invocation.environment.keys.contains("HTTPS_PROXY"))
    }

    @Test("its features are asked once")
    func features() async throws {
        let fake = try FakeEngine.gantry(features: ["stop-timeout", "user-namespaces"])
        let engine = fake.engine()
        let features = try await engine.features
        #expect(
            features
                == EngineFeatures(
                    name: "gantry", version: "0.1.0", recursiveReadOnlyMounts: false, userNamespaces: true,
                    stopTimeouts: true, wholePods: true))
        _ = try await engine.features
        #expect(fake.calls("version").count == 2)
    }

    @Test("a handler is a runtime of the configuration as it is now, and what it can do is asked once")
    func handlers() async throws {
        let fake = try FakeEngine.gantry(features: ["oci-runtime", "user-namespaces"])
        let runtimes = Mutex(["runc": "/usr/sbin/runc", "fast": "/opt/fast"])
        let engine = fake.engine { settings in
            settings.changeable = {
                var settings = EngineSettings.Changeable()
                settings.runtimes = runtimes.withLock { $0 }
                return settings
            }
        }
        #expect(await engine.handlers.map(\.name) == ["", "default", "fast", "runc"])
        _ = await engine.handlers
        #expect(
            fake.calls("version").compactMap { $0.first { $0.hasPrefix("--oci-runtime=") } }.sorted()
                == ["--oci-runtime=/opt/fast", "--oci-runtime=/usr/sbin/runc"])
        var config = Samples.plainPod
        func option() async throws -> String? {
            try await engine.prepare(Samples.podID, config: config, unit: "u.service").command.first {
                $0.hasPrefix("--oci-runtime=")
            }
        }
        config.runtimeHandler = "runc"
        #expect(try await option() == "--oci-runtime=/usr/sbin/runc")
        config.runtimeHandler = "default"
        #expect(try await option() == nil)
        runtimes.withLock { $0 = ["default": "/opt/own"] }
        #expect(try await option() == "--oci-runtime=/opt/own")
        #expect(await engine.handlers.map(\.name) == ["", "default"])
        config.runtimeHandler = ""
        #expect(try await option() == "--oci-runtime=/opt/own")
        config.runtimeHandler = "runc"
        let error = await #expect(throws: DomainError.self) { try await option() }
        #expect(error?.code == .invalidArgument && error?.message.contains("runtime_handler") == true)
    }

    @Test("an engine that has no choice of runtimes has no handlers but its own")
    func noChoice() async throws {
        for fake in [try FakeEngine.gantry(), try FakeEngine.rkt()] {
            let engine = fake.engine { settings in
                settings.changeable = {
                    var settings = EngineSettings.Changeable()
                    settings.runtimes = ["runc": "/usr/sbin/runc", "default": "/x"]
                    return settings
                }
            }
            #expect(await engine.handlers.map(\.name) == ["", "default"])
        }
        let fake = try FakeEngine.gantry()
        let command = try await fake.engine().prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
            .command
        #expect(!command.contains { $0.hasPrefix("--oci-runtime") })
    }

    @Test("the inventory holds our pods with their containers, and passes others over")
    func inventory() async throws {
        let fake = try FakeEngine.gantry()
        let exited = GantryShapes.app(
            state: "exited",
            more: ["started_at": 10, "finished_at": 20, "exit_code": 137, "reason": "OOMKilled", "message": "m"])
        let list: JSON = [
            GantryShapes.pod(apps: [exited, ["name": "by-hand", "state": "running"]]), GantryShapes.foreignPod,
        ]
        try fake.answer("list", list.serialized())
        let records = try await fake.engine().inventory().records
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.pod.id == Samples.podID)
        #expect(record.pod.config == Samples.plainPod)
        #expect(record.pod.state == .ready)
        #expect(record.pod.createdAt == Timestamp(nanoseconds: 5))
        #expect(record.pod.ips == ["10.88.0.5"])
        #expect(record.pod.networkAttached)
        #expect(record.pod.networkNamespace == "/run/ns/net")
        #expect(record.pod.pid == 77)
        #expect(record.containers.count == 1)
        let container = try #require(record.containers.first)
        #expect(container.id == Samples.containerID)
        #expect(container.podID == Samples.podID)
        #expect(container.config == Samples.plainContainer)
        #expect(container.state == .exited)
        #expect(container.startedAt == Timestamp(nanoseconds: 10))
        #expect(
            container.exit
                == ContainerExit(finishedAt: Timestamp(nanoseconds: 20), code: 137, reason: "OOMKilled", message: "m"))
        #expect(container.stopSignal == Signal(number: 3))
        #expect(container.user == ContainerUser(uid: 1000, gid: 100, supplementalGroups: [1, 2]))
        #expect(fake.calls("list") == [["list"] + fake.globals + ["--format=json"]])
    }

    @Test(
        "pod states and attachments",
        arguments: [
            ("preparing", PodSandboxState.creating), ("running", .ready), ("deleting", .notReady),
            ("exited", .notReady),
        ])
    func podStates(word: String, state: PodSandboxState) async throws {
        let fake = try FakeEngine.gantry()
        let failed: JSON = ["mode": "cni", "state": "failed", "error": "DEL: no"]
        try fake.answer("status", GantryShapes.pod(state: word, more: ["network": failed]).serialized())
        let record = try #require(try await fake.engine().record(of: Samples.podID))
        #expect(record.pod.state == state)
        #expect(record.pod.networkAttached)
        #expect(record.pod.message == "DEL: no")
        try fake.answer(
            "status", GantryShapes.pod(state: word, more: ["network": ["mode": "host"], "error": "why"]).serialized())
        let host = try #require(try await fake.engine().record(of: Samples.podID))
        #expect(!host.pod.networkAttached)
        #expect(host.pod.message == "why")
    }

    @Test("what is not there has no record, and is finished and removed already")
    func absent() async throws {
        let fake = try FakeEngine.gantry()
        for words in ["status", "stop", "rm", "app-rm", "image-rm"] {
            try fake.fail(words, "not-found", "no such thing")
        }
        let engine = fake.engine()
        #expect(try await engine.record(of: Samples.podID) == nil)
        try await engine.finish(Samples.podID)
        try await engine.remove(Samples.podID)
        try await engine.removeContainer(Samples.containerID, of: Samples.podID)
        try await RktImageStore(engine: engine).remove(ImageID("sha256:abc"))
        #expect(fake.calls("rm") == [["rm"] + fake.globals + ["--format=json", Samples.uuid]])
    }

    @Test(
        "errors come with the code that the engine gives",
        arguments: [
            ("not-found", DomainError.Code.notFound), ("exists", .alreadyExists), ("invalid", .invalidArgument),
            ("precondition", .failedPrecondition), ("unavailable", .unavailable), ("exhausted", .resourceExhausted),
            ("unsupported", .invalidArgument), ("deadline", .deadlineExceeded), ("unauthorized", .permissionDenied),
            ("internal", .internal),
        ])
    func errors(word: String, code: DomainError.Code) async throws {
        let fake = try FakeEngine.gantry()
        try fake.fail("app-start", word, "because")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == code)
        #expect(error?.message == "container \(Samples.containerID): because")
    }

    @Test("an image that cannot be mounted into a container is told by the word the kubelet knows")
    func imageVolume() async throws {
        let fake = try FakeEngine.gantry()
        try fake.fail("app-add", "image-volume", "because")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().addContainer(Samples.newContainer(Samples.container))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("ImageVolumeMountFailed: ") == true)
    }

    @Test("a container is made from a document on standard input: no value is an argument")
    func addContainer() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-add", GantryShapes.app(Samples.container).serialized())
        let container = try await fake.engine().addContainer(Samples.newContainer(Samples.container))
        #expect(container.config == Samples.container)
        #expect(container.state == .created)
        #expect(
            fake.calls("app-add") == [
                ["app", "add"] + fake.globals
                    + ["--format=json", "--name=\(Samples.containerID)", "--config=-", Samples.uuid, "sha256:abc"]
            ])
        let json = try JSON(parsing: try #require(fake.inputs("app-add").first))
        #expect(json["env"]?[0] == ["name": "A", "value": "two\nlines"])
        #expect(json["command"] == ["/bin/sh", "-c"])
        #expect(
            json["user"] == [
                "username": "root", "uid": 0, "gid": 1000, "supplementalGroups": [1, 2], "groupsPolicy": "strict",
            ])
        #expect(json["mounts"]?[0]?["propagation"] == "bidirectional")
        #expect(json["mounts"]?[1]?["image"] == "sha256:data")
        #expect(json["namespaces"] == ["pid": "target", "target": .string(Samples.containerID.rawValue)])
        #expect(json["maskedPaths"] == [])
        #expect(json["readonlyPaths"] == ["/proc/sys"])
        #expect(json["seccomp"] == ["type": "localhost", "path": "/profiles/a.json"])
        #expect(json["apparmor"] == ["type": "localhost", "profile": "profile"])
        #expect(json["capabilities"] == ["add": ["NET_ADMIN"], "drop": ["ALL"], "addAmbient": ["CAP_CHOWN"]])
        #expect(json["resources"]?["memoryLimit"] == .integer(64 << 20))
        #expect(json["stopSignal"] == "SIGQUIT")
        #expect(json["logPath"] == "/var/log/pods/default_web/main/0.log")
    }

    @Test("defaults are left to the engine")
    func defaults() throws {
        let json = try GantryAppConfig.json(Samples.newContainer(Samples.plainContainer))
        for key in [
            "maskedPaths", "readonlyPaths", "apparmor", "selinux", "stopSignal", "resources", "capabilities",
            "workingDir",
        ] {
            #expect(json[key] == nil, "\(key)")
        }
        #expect(json["seccomp"] == ["type": "unconfined"])
    }

    @Test("options of a mount, and an image that is not here, are refused by field")
    func mountErrors() throws {
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/a", hostPath: "/b"), Samples.imageMount]
        var request = Samples.newContainer(config)
        request.mountImages = [:]
        let missing = #expect(throws: DomainError.self) { try GantryAppConfig.json(request) }
        #expect(missing?.message.contains("config.mounts[1].image") == true)
        request.config.mounts = [Mount(containerPath: "/a", hostPath: "/b")]
        request.config.mounts[0].options = ["noexec"]
        #expect(try GantryAppConfig.json(request)["mounts"]?[0]?["options"] == ["noexec"])
    }

    @Test("a stop passes signal and grace on, and waits longer than the grace")
    func stop() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-stop", GantryShapes.app(state: "exited", more: ["exit_code": 143]).serialized())
        let engine = fake.engine()
        let stopped = try await engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .kill, grace: .milliseconds(1500))
        #expect(stopped.exit?.code == 143)
        #expect(fake.calls("app-stop").first?.contains("--timeout=1500ms") == true)
        #expect(fake.calls("app-stop").first?.contains("--signal=SIGKILL") == true)
    }

    @Test("an exit without a code is refused: it would be taken for success")
    func exitWithoutCode() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-stop", GantryShapes.app(state: "exited").serialized())
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().stopContainer(Samples.containerID, of: Samples.podID, signal: nil, grace: .zero)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains("exit_code") == true)
    }

    @Test("the record of another container is no answer")
    func otherContainer() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", #"{"name":"x","state":"running","annotations":{}}"#)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .internal)
    }

    @Test("exec answers bytes and code, with the command's own words untouched")
    func exec() async throws {
        let fake = try FakeEngine.gantry()
        let answer: JSON = [
            "exit_code": 3, "stdout": .string(JSONBytes.encode([0, 255, 10])),
            "stderr": .string(JSONBytes.encode(Array("e".utf8))),
            "timed_out": false,
        ]
        try fake.answer("app-exec", answer.serialized())
        let result = try await fake.engine().execSync(
            ["--format=json", "a b"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(2),
            outputLimit: 1000)
        #expect(result == ExecResult(stdout: [0, 255, 10], stderr: Array("e".utf8), exitCode: 3))
        #expect(
            fake.calls("app-exec") == [
                ["app", "exec"] + fake.globals
                    + [
                        "--format=json", "--app=\(Samples.containerID)", "--max-output=1000", "--timeout=2000ms",
                        Samples.uuid, "--",
                        "--format=json", "a b",
                    ]
            ])
    }

    @Test("an exec past its timeout is a passed deadline")
    func execTimeout() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-exec", #"{"exit_code":137,"stdout":"","stderr":"","timed_out":true}"#)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(1), outputLimit: 10)
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("an empty command is refused before anything runs")
    func emptyExec() async throws {
        let fake = try FakeEngine.gantry()
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                [], in: Samples.containerID, of: Samples.podID, timeout: nil, outputLimit: 10)
        }
        #expect(error?.code == .invalidArgument)
        #expect(fake.calls("app-exec").isEmpty)
    }

    // MARK: The pod's main process

    @Test("the sandbox gets its request in a file of its own, which is gone afterwards")
    func sandbox() async throws {
        let fake = try FakeEngine.gantry(features: ["oci-runtime"])
        let engine = fake.engine { settings in
            settings.changeable = {
                var settings = EngineSettings.Changeable()
                settings.runtimes = ["fast": "/opt/fast"]
                return settings
            }
        }
        let invocation = try await engine.prepare(Samples.podID, config: Samples.pod, unit: "u.service")
        let file = try #require(invocation.files.first)
        #expect(
            invocation.command == [fake.binary, "app", "sandbox"] + fake.globals + [
                "--uuid=\(Samples.uuid)", "--config=\(file)", "--oci-runtime=/opt/fast",
            ])
        #expect(invocation.cleanup == [fake.binary, "pod-cleanup"] + fake.globals + [Samples.uuid])
        let json = try JSON(parsing: try #require(fake.directory.text("run/requests/\(Samples.podID).json")))
        #expect(json["uuid"] == .string(Samples.uuid))
        #expect(json["unit"] == "u.service")
        #expect(json["hostname"] == "web-0")
        #expect(json["ports"] == [["protocol": "udp", "containerPort": 53, "hostPort": 5353, "hostIP": "::1"]])
        #expect(json["network"]?["args"]?["K8S_POD_INFRA_CONTAINER_ID"] == .string(Samples.podID.rawValue))
        let capabilities = try #require(json["network"]?["capabilities"]?.objectValue)
        #expect(capabilities["cgroupPath"] == .string(Samples.pod.cgroupParent))
        #expect(
            capabilities["io.kubernetes.cri.pod-annotations"]
                == .object(Samples.pod.annotations.mapValues { .string($0) }))
        #expect(capabilities["bandwidth"] == nil)
        #expect(json["namespaces"]?["pid"] == "container")
        #expect(json["namespaces"]?["ipc"] == "host")
        #expect(json["namespaces"]?["user"]?["uids"]?[0]?["hostID"] == 100_000)
        #expect(json["containerID"] == .string(Samples.podID.rawValue))
        let annotation = try #require(json["annotations"]?[PodAnnotation.key]?.stringValue)
        #expect(try PodAnnotation(text: annotation).config == Samples.pod)
        // What a killed daemon left behind does not hinder the next.
        _ = try await engine.prepare(Samples.podID, config: Samples.pod, unit: "u.service")
        await engine.discard(invocation)
        #expect(!fake.directory.exists("run/requests/\(Samples.podID).json"))
    }

    @Test("the reason of a failed start is the engine's own")
    func sandboxFailure() async throws {
        let fake = try FakeEngine.gantry()
        let engine = fake.engine()
        try fake.answer(
            "status", GantryShapes.pod(state: "exited", more: ["error": "CNI ADD with bridge failed"]).serialized())
        #expect(
            await engine.failure(of: Samples.podID) == DomainError(.unavailable, "CNI ADD with bridge failed"))
        let codes: [(String, DomainError.Code)] = [
            ("exhausted", .resourceExhausted), ("precondition", .failedPrecondition), ("invalid", .invalidArgument),
            ("deadline", .deadlineExceeded), ("unheard-of", .unavailable),
        ]
        for (word, code) in codes {
            let more: [String: JSON] = ["error": "why", "error_code": .string(word)]
            try fake.answer("status", GantryShapes.pod(state: "exited", more: more).serialized())
            #expect(await engine.failure(of: Samples.podID) == DomainError(code, "why"))
        }
        try fake.fail("status", "not-found", "no pod")
        #expect(await engine.failure(of: Samples.podID) == nil)
    }

    // MARK: Misbehaviour

    @Test(
        "rubbish, nothing, and another shape are errors that name the call",
        arguments: ["rubbish{", "", "[1]", "{}", "null"])
    func rubbish(output: String) async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", output)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains(Samples.containerID.rawValue) == true)
    }

    @Test("a failure without a word, and one with plain words, is told with its exit code")
    func plainFailure() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", error: "panic: broken\n", code: 9)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.message.contains("exit code 9: panic: broken") == true)
        try fake.answer("app-start", code: 254)
        let silent = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(silent?.message.contains("exit code 254") == true)
    }

    @Test("an engine that hangs is killed at the time limit")
    func hangs() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("app-start.run", "sleep 600")
        let engine = fake.engine { $0.changeTimeout = .milliseconds(300) }
        let error = await #expect(throws: DomainError.self) {
            try await engine.startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("container \(Samples.containerID): app start") == true)
    }

    @Test("an engine that prints without end is an error, not a full memory")
    func hugeOutput() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("app-exec.run", "head -c 2000000 /dev/zero")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(20), outputLimit: 3000)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains("more than") == true)
    }

    @Test("a binary that is not there, and one that is no engine, are unavailable; a later try asks again")
    func noEngine() async throws {
        let missing = RktCLIEngine(
            settings: EngineSettings(binary: "/nonexistent/gantry"), logger: .init(label: "test"))
        let error = await #expect(throws: DomainError.self) { try await missing.inventory() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/nonexistent/gantry") == true)

        let fake = try FakeEngine()
        try fake.answer("version", "docker Version: 1\n")
        let engine = fake.engine()
        let other = await #expect(throws: DomainError.self) { try await engine.features }
        #expect(other?.code == .unavailable)
        try fake.answer("version", "rkt Version: 1.30.0\n")
        #expect(try await engine.features.name == "rkt")
    }
}

extension FakeEngine {
    /// What every call carries.
    var globals: [String] { ["--dir=\(directory.path)/data", "--run-dir=\(directory.path)/run"] }
}
