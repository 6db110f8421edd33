import Domain
import DomainFakes
import Testing

@Suite("CreateContainer", .timeLimit(.minutes(10)))
struct CreateContainerTests {
    let node = FakeNode()

    @Test("A container is created, with its image resolved and its log path absolute")
    func created() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        let container = try useCases.containerStatus(id)
        #expect(container.state == .created)
        #expect(container.podID == pod)
        #expect(container.imageID == Image.busybox.id)
        #expect(container.logPath == "/var/log/pods/web/main/0.log")
        useCases.expectTrueIndex(of: node)
    }

    @Test(
        "A failure at any step leaves nothing, and a retry succeeds",
        arguments: Step.all(.engineAddContainer) + [
            Step(call: .imagesNormalize, moment: .before), Step(call: .imagesList, moment: .before),
        ])
    func failure(at step: Step) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.failpoints.arm(step.call, step.moment, .fail(broken))
        await expectError(.unavailable, naming: "failpoint") {
            _ = try await useCases.createContainer(.fake(), in: pod)
        }
        #expect(node.engine.records[pod]?.containers == [])
        #expect(useCases.listContainers().isEmpty)
        try await useCases.removeImage("busybox")
        node.images.add(.busybox)
        try await useCases.context.imageCache.refresh()

        let id = try await useCases.createContainer(.fake(), in: pod)
        #expect(useCases.listContainers().map(\.id) == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test(
        "A caller who leaves at any step leaves nothing, and a retry succeeds",
        arguments: Step.all(.engineAddContainer, .imagesList), [true, false])
    func cancellation(at step: Step, heeded: Bool) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(step.call, step.moment, heedsCancellation: heeded)
        let call = Task { try await useCases.createContainer(.fake(), in: pod) }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { _ = try await call.value }
        gate.open()
        await useCases.createContainer.flights.drain(cancelling: false)
        #expect(node.engine.records[pod]?.containers == [])
        #expect(useCases.listContainers().isEmpty)

        let id = try await useCases.createContainer(.fake(), in: pod)
        #expect(useCases.listContainers().map(\.id) == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test("A caller who leaves while it waits for the pod's lock leaves nothing, and undoes nothing")
    func cancelledInTheQueue() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, .before)
        let first = Task { try await useCases.createContainer(.fake("a"), in: pod) }
        await gate.arrival()
        let second = Task { try await useCases.createContainer(.fake("b"), in: pod) }
        try await useCases.context.locks.queue(1, of: pod)
        second.cancel()
        await expectError(.cancelled) { _ = try await second.value }
        try await useCases.createContainer.flights.gone { $0.metadata.name == "b" }
        #expect(node.failpoints.count(.engineRemoveContainer) == 0)
        gate.open()
        _ = try await first.value
        _ = try await useCases.createContainer(.fake("b"), in: pod)
        #expect(useCases.listContainers().count == 2)
    }

    @Test("A hundred equal calls at once make one container, and later ones get it in whatever state")
    func joining() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, .after)
        let ids = try await withThrowingTaskGroup(of: ContainerID.self) { group in
            for _ in 0..<100 { group.addTask { try await useCases.createContainer(.fake(), in: pod) } }
            await gate.arrival()
            gate.open()
            return try await group.reduce(into: Set<ContainerID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(node.failpoints.count(.engineAddContainer) == 1)
        let id = try #require(ids.first)
        try await useCases.startContainer(id)
        #expect(try await useCases.createContainer(.fake(), in: pod) == id)
        try await useCases.stopContainer(id, grace: .zero)
        #expect(try await useCases.createContainer(.fake(), in: pod) == id)
        #expect(node.failpoints.count(.engineAddContainer) == 1)
    }

    @Test("Another config under a used name is refused, naming the container; another attempt is not")
    func conflict() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        var other = ContainerConfig.fake()
        other.command = ["/bin/true"]
        await expectError(.alreadyExists, naming: id.rawValue, "main") {
            _ = try await useCases.createContainer(other, in: pod)
        }
        other.metadata.attempt = 1
        #expect(try await useCases.createContainer(other, in: pod) != id)
        try await useCases.removeContainer(id)
        other.metadata.attempt = 0
        _ = try await useCases.createContainer(other, in: pod)
    }

    @Test("A pod that is unknown, down or being stopped takes no container")
    func podNotReady() async throws {
        let useCases = node.useCases()
        await expectError(.notFound, naming: "pod") { _ = try await useCases.createContainer(.fake(), in: .fake(99)) }
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.launcherStop, .before)
        let stop = Task { try await useCases.stopPodSandbox(pod) }
        await gate.arrival()
        await expectError(.failedPrecondition, naming: pod.rawValue, "being stopped") {
            _ = try await useCases.createContainer(.fake(), in: pod)
        }
        gate.open()
        try await stop.value
        await expectError(.failedPrecondition, naming: pod.rawValue, "notReady") {
            _ = try await useCases.createContainer(.fake(), in: pod)
        }
    }

    @Test(
        "An image is found by tag, short name, digest, both and id",
        arguments: [
            "busybox", "busybox:latest", "docker.io/library/busybox:latest", Image.busybox.id.rawValue,
            Image.busybox.repoDigests[0], "busybox:latest@sha256:" + String(repeating: "d", count: 64),
        ])
    func imageReference(_ reference: String) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(image: reference), in: pod)
        #expect(try useCases.containerStatus(id).imageID == Image.busybox.id)
        #expect(try useCases.containerStatus(id).config.image.image == reference)
    }

    @Test("An absent image is not found, with what to do; an empty or malformed one is an invalid argument")
    func absentImage() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        await expectError(.notFound, naming: "alpine", "pull") {
            _ = try await useCases.createContainer(.fake(image: "alpine"), in: pod)
        }
        await expectError(.invalidArgument, naming: "image") {
            _ = try await useCases.createContainer(.fake(image: ""), in: pod)
        }
        await expectError(.invalidArgument, naming: "No Such") {
            _ = try await useCases.createContainer(.fake(image: "No Such"), in: pod)
        }
        #expect(node.failpoints.count(.engineAddContainer) == 0)
    }

    @Test("Options of mounts are refused by name where the engine has none")
    func mountOptions() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.mounts = [Mount(containerPath: "/a", hostPath: "/a"), Mount(containerPath: "/b", hostPath: "/b")]
        config.mounts[1].options = ["noexec"]
        _ = try await useCases.createContainer(config, in: pod)
        node.engine.become(
            EngineFeatures(
                name: "rkt", version: "1.30.0", recursiveReadOnlyMounts: false, userNamespaces: false,
                stopTimeouts: false))
        let others = node.useCases()
        let second = try await others.runPodSandbox(.fake("second"))
        await expectError(.invalidArgument, naming: "config.mounts[1].mount_options") {
            _ = try await others.createContainer(config, in: second)
        }
    }

    @Test("Images of mounts are resolved too, and their absence has the kubelet's prefix")
    func imageMounts() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.mounts = [Mount(containerPath: "/vol", hostPath: "")]
        config.mounts[0].image = ImageSpec(image: "models")
        await expectError(.notFound, naming: "ImageVolumeMountFailed", "/vol", "models") {
            _ = try await useCases.createContainer(config, in: pod)
        }
        config.mounts[0].image = ImageSpec(image: "busybox")
        let id = try await useCases.createContainer(config, in: pod)
        let container = try useCases.containerStatus(id)
        #expect(container.mounts[0].image?.imageRef == container.imageID.rawValue)
        #expect(container.config == config)
        // Nothing is held after either.
        try await useCases.removeImage("busybox")
        #expect(node.images.local.isEmpty)
    }

    @Test(
        "A log path that leaves the pod's log directory is refused",
        arguments: ["../x", "a/../../x", "/etc/passwd", "a/", "a/.", "a\0b", ".."])
    func logPathEscapes(_ path: String) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.logPath = path
        await expectError(.invalidArgument, naming: "log_path") {
            _ = try await useCases.createContainer(config, in: pod)
        }
        #expect(node.failpoints.count(.engineAddContainer) == 0)
    }

    @Test("Without a log directory or a log path there is no log")
    func noLog() async throws {
        let useCases = node.useCases()
        var podConfig = PodSandboxConfig.fake()
        podConfig.logDirectory = ""
        let pod = try await useCases.runPodSandbox(podConfig)
        #expect(try useCases.containerStatus(try await useCases.createContainer(.fake(), in: pod)).logPath == "")
        let other = try await useCases.runPodSandbox(.fake("other"))
        var config = ContainerConfig.fake()
        config.logPath = ""
        #expect(try useCases.containerStatus(try await useCases.createContainer(config, in: other)).logPath == "")
    }

    @Test("Contradictions are refused before anything is written")
    func contradictions() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        typealias Options = NamespaceOptions
        let contradictions: [(String, (inout Options) -> Void)] = [
            ("network", { $0.network = .node }), ("ipc", { $0.ipc = .node }),
            ("userns_options", { $0.user = UserNamespace(uids: [], gids: []) }),
        ]
        for (field, ask) in contradictions {
            var config = ContainerConfig.fake()
            ask(&config.security.namespaces)
            await expectError(.invalidArgument, naming: "namespace_options.\(field)") {
                _ = try await useCases.createContainer(config, in: pod)
            }
        }
        var privileged = ContainerConfig.fake()
        privileged.security.privileged = true
        await expectError(.invalidArgument, naming: "privileged") {
            _ = try await useCases.createContainer(privileged, in: pod)
        }
        var target = ContainerConfig.fake()
        target.security.namespaces.pid = .target(.fake(77))
        await expectError(.invalidArgument, naming: "target_id") {
            _ = try await useCases.createContainer(target, in: pod)
        }
        let created = try await useCases.createContainer(.fake("other"), in: pod)
        target.security.namespaces.pid = .target(created)
        await expectError(.failedPrecondition, naming: created.rawValue, "created") {
            _ = try await useCases.createContainer(target, in: pod)
        }
        var mount = ContainerConfig.fake()
        mount.mounts = [Mount(containerPath: "/m", hostPath: "/m")]
        mount.mounts[0].recursiveReadOnly = true
        await expectError(.invalidArgument, naming: "/m", "readonly") {
            _ = try await useCases.createContainer(mount, in: pod)
        }
        #expect(useCases.listContainers().count == 1)
    }

    @Test("Recursive read-only mounts are refused with the kubelet's prefix where the engine has none")
    func noRecursiveReadOnly() async throws {
        node.engine.become(
            EngineFeatures(
                name: "rkt", version: "1.30.0", recursiveReadOnlyMounts: false, userNamespaces: false,
                stopTimeouts: false))
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        var config = ContainerConfig.fake()
        config.mounts = [Mount(containerPath: "/m", hostPath: "/m")]
        config.mounts[0].readonly = true
        config.mounts[0].recursiveReadOnly = true
        await expectError(.invalidArgument, naming: "RROUnsupported") {
            _ = try await useCases.createContainer(config, in: pod)
        }
    }

    @Test("The image of a container that is being made is not removed under it")
    func imageIsHeld() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, .before)
        let call = Task { try await useCases.createContainer(.fake(), in: pod) }
        await gate.arrival()
        await expectError(.failedPrecondition, naming: "busybox") { try await useCases.removeImage("busybox") }
        gate.open()
        _ = try await call.value
        try await useCases.removeImage("busybox")
    }

    @Test("A container that cannot be undone stays visible as unknown and goes with its removal")
    func undoFails() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.failpoints.arm(.engineAddContainer, .after, .fail(broken))
        // The first undo, and that of the retry.
        node.failpoints.arm(.engineRemoveContainer, .before, .fail(DomainError(.internal, "cannot undo")), times: 2)
        await expectError(.unavailable) { _ = try await useCases.createContainer(.fake(), in: pod) }
        let left = try #require(useCases.listContainers().first)
        #expect(left.state == .unknown)
        await useCases.followEngine.check()
        #expect(useCases.listContainers().map(\.id) == [left.id])
        await expectError(.alreadyExists, naming: left.id.rawValue) {
            _ = try await useCases.createContainer(.fake(), in: pod)
        }
        try await useCases.removeContainer(left.id)
        _ = try await useCases.createContainer(.fake(), in: pod)
        useCases.expectTrueIndex(of: node)
    }

    @Test("A retry undoes what an earlier attempt could not, and has the name")
    func retryUndoes() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.failpoints.arm(.engineAddContainer, .after, .fail(broken))
        node.failpoints.arm(.engineRemoveContainer, .before, .fail(DomainError(.internal, "cannot undo")))
        await expectError(.unavailable) { _ = try await useCases.createContainer(.fake(), in: pod) }
        let id = try await useCases.createContainer(.fake(), in: pod)
        #expect(useCases.listContainers().map(\.id) == [id])
        useCases.expectTrueIndex(of: node)
    }

    @Test("A stop of the pod ends a creation that hangs", arguments: Failpoints.Moment.allCases)
    func stopEndsCreation(_ moment: Failpoints.Moment) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, moment)
        let call = Task { try await useCases.createContainer(.fake(), in: pod) }
        await gate.arrival()
        try await useCases.stopPodSandbox(pod)
        await expectError(.cancelled) { _ = try await call.value }
        #expect(try useCases.podSandboxStatus(pod).pod.state == .notReady)
        try await useCases.removePodSandbox(pod)
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }

    @Test("A container whose pod went down while it was made is undone, and the caller told")
    func podDiesMeanwhile() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, .after)
        let call = Task { try await useCases.createContainer(.fake(), in: pod) }
        await gate.arrival()
        node.engine.supervisorEnds(pod)
        await useCases.followEngine.check()
        #expect(useCases.listContainers().isEmpty)
        gate.open()
        await expectError(.failedPrecondition, naming: pod.rawValue, "notReady") { _ = try await call.value }
        #expect(useCases.listContainers().isEmpty)
        #expect(node.engine.records[pod]?.containers == [])
    }

    @Test("A stop does not wait for ever for a creation that heeds nothing")
    func stopPassesDeafCreation() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.engineAddContainer, .before, heedsCancellation: false)
        let call = Task { try await useCases.createContainer(.fake(), in: pod) }
        await gate.arrival()
        let removal = Task { try await useCases.removePodSandbox(pod) }
        for _ in 0..<2 {
            await node.clock.sleeper(within: .seconds(10))
            node.clock.advance(by: .seconds(10))
        }
        try await removal.value
        #expect(node.diagnostics.warnings.count == 2)
        gate.open()
        await expectError(.failedPrecondition) { _ = try await call.value }
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }
}
