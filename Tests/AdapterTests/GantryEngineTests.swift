import Domain
import JSON
import Synchronization
import Testing

@testable import RktCLI

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
}
