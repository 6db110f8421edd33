import Domain
import Glibc
import JSON
import Logging
import Testing

@testable import RktCLI

private let rktUUID = PlainRktShapes.uuid

@Suite("Pods on rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktTests {
    @Test("runs with the variables that unlock its app commands, and under the name rkt")
    func gates() async throws {
        let fake = try FakeEngine.rktPod()
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
        let fake = try FakeEngine.rktPod(app: "exited", #","finished_at":1795469061545021430,"exit_code":3"#)
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
        let fake = try FakeEngine.rktPod()
        try fake.answer("app-status", error: "status: error getting app status", code: 1)
        let container = try #require(try await fake.engine().inventory().records.first?.containers.first)
        #expect(container.id == Samples.containerID)
        #expect(container.state == .unknown)
    }

    @Test("a status that fails now and then says nothing new")
    func statusFailsOnce() async throws {
        let fake = try FakeEngine.rktPod()
        let engine = fake.engine()
        #expect(try await engine.inventory().records.first?.containers.first?.state == .running)
        try fake.answer("app-status", error: "status: error getting app status", code: 1)
        #expect(try await engine.inventory().records.first?.containers.first?.state == .running)

        let other = try FakeEngine.rktPod()
        let once = "if [ -e \"$here/asked\" ]; then cat \"$here/status\"; else touch \"$here/asked\"; exit 1; fi"
        try other.write("status", try PlainRktShapes.app("running"))
        try other.write("app-status.run", once)
        #expect(try await other.engine().inventory().records.first?.containers.first?.state == .running)
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
        let fake = try FakeEngine.rktPod()
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

    @Test(
        "a pod with a PID namespace per container is refused unless the operator grants one for all, and then says so")
    func sharedPIDNamespace() async throws {
        var config = Samples.plainPod
        config.namespaces.pid = .container
        let fake = try FakeEngine.rktPod()
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
        let fake = try FakeEngine.rktPod()
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

    @Test(
        "a pod that asks for no resolver has the host's, and on the host's network its name: rkt has neither by itself")
    func resolverAndName() async throws {
        let fake = try FakeEngine.rktPod()
        let engine = fake.engine(surroundings: EngineSurroundings(hostname: { "node-1" }))
        var config = Samples.plainPod
        config.namespaces.network = .node
        config.portMappings = []
        (config.dns, config.hostname) = (DNSConfig(), "")
        let plain = try await engine.prepare(Samples.podID, config: config, unit: "u.service").command
        #expect(plain.contains("--dns=host"))
        #expect(plain.contains("--hostname=node-1"))
        config.dns.options = ["ndots:5"]
        config.hostname = "web-0"
        let own = try await engine.prepare(Samples.podID, config: config, unit: "u.service").command
        #expect(own.contains("--dns-opt=ndots:5") && !own.contains("--dns=host"))
        #expect(own.contains("--hostname=web-0") && !own.contains("--hostname=node-1"))
    }

    @Test("a pod that runs and takes no apps yet is still being made: one that never comes to it is no pod")
    func readiness() async throws {
        let fake = try FakeEngine.rktPod()
        let stage1 = "data/pods/run/\(rktUUID)/stage1/rootfs/rkt"
        PrivateFile.makeDirectories("\(fake.directory.path)/\(stage1)/status")
        let engine = fake.engine()
        #expect(try await engine.inventory().records.first?.pod.state == .creating)
        let late = "status: error waiting for pod readiness: context deadline exceeded"
        try fake.answer("status", error: late, code: 254)
        let error = await #expect(throws: DomainError.self) { try await engine.record(of: Samples.podID) }
        #expect(error?.code == .unavailable)
        // It has been tried to say it for the stage 1.
        unlink("\(fake.directory.path)/\(stage1)/supervisor-status")
        try fake.answer("status")
        let record = try await engine.record(of: Samples.podID)
        #expect(record?.pod.state == .ready && record?.pod.networkAttached == true)
        try fake.write("\(stage1)/supervisor-status", "")
        #expect(try await fake.engine().inventory().records.first?.pod.state == .ready)
    }

    @Test("where rkt's stage 1 does not say that a pod takes apps, or takes it back, it is said for it")
    func saysReady() async throws {
        let fake = try FakeEngine.rktPod(app: "created")
        let link = "\(fake.directory.path)/data/pods/run/\(rktUUID)/stage1/rootfs/rkt/supervisor-status"
        PrivateFile.makeDirectories(String(link.dropLast("/supervisor-status".count)))
        try fake.write(
            "status.run",
            "[ \"$(readlink '\(link)')\" = ready ] && exit 0; echo 'status: error waiting for pod readiness: context deadline exceeded' >&2; exit 254"
        )
        let engine = fake.engine()
        for _ in 0..<2 {
            _ = try await engine.addContainer(Samples.newContainer(Samples.plainContainer))
            #expect(try await engine.inventory().records.first?.pod.state == .ready)
            unlink(link)
        }
        #expect(fake.calls("app-add").count == 2)
    }

    @Test("mounts that come in where a systemd of today has them are found where rkt looks for them")
    func incoming() throws {
        let directory = try TemporaryDirectory()
        let root = "\(directory.path)/proc/8/root"
        for path in ["\(root)/run/host/incoming", "\(root)/run/systemd", "\(directory.path)/proc/7/task/7"] {
            PrivateFile.makeDirectories(path)
        }
        let uuid = try #require(EngineUUID(rktUUID))
        PrivateFile.makeDirectories("\(directory.path)/run/\(rktUUID)")
        try directory.write("run/\(rktUUID)/ppid", "7")
        try directory.write("proc/7/task/7/children", "8 ")
        let place = RktStage1Place(pods: "\(directory.path)/run", procfs: "\(directory.path)/proc")
        for _ in 0..<2 { place.linkIncoming(uuid) }
        var target = [CChar](repeating: 0, count: 100)
        #expect(readlink("\(root)/run/systemd/nspawn/incoming", &target, target.count - 1) > 0)
        let text = String(decoding: target.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        #expect(text == "/run/host/incoming")
        #expect(!place.sayReady(uuid))
    }

    @Test("a pod is removed with the plugins of its network at hand: rkt detaches nothing without them, and succeeds")
    func removesNetwork() async throws {
        let fake = try FakeEngine.rktPod()
        let engine = try networked(fake)
        _ = try await engine.prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
        try await engine.remove(Samples.podID)
        #expect(fake.calls("rm").first?.contains("--local-config=\(fake.directory.path)/run/rkt") == true)
        #expect(fake.calls("rm").first?.last == rktUUID)
    }

    @Test("without events, each difference comes as a snapshot")
    func events() async throws {
        let fake = try FakeEngine.rktPod()
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
