import CRI
import Domain
import DomainFakes
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct ContainerRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method
    private let unknown = String(repeating: "9", count: 64)

    /// A container of busybox, asked for as a kubelet does: by the id that it resolved, and with what its user wrote.
    private func config(_ name: String = "nginx") -> Runtime_V1_ContainerConfig {
        var config = Requests.container
        config.metadata.name = name
        config.labels["name"] = name
        config.image.image = Image.busybox.id.rawValue
        config.image.userSpecifiedImage = "busybox"
        return config
    }

    @Test func `a container's way from CreateContainer to RemoveContainer`() async throws {
        try await withPod { cri, pod in
            let id = try await create(cri, pod, config())
            let created = try await status(cri, id).status
            #expect(created.state == .containerCreated)
            #expect(created.createdAt > 0)
            #expect((created.startedAt, created.finishedAt) == (0, 0))
            #expect(created.imageID == Image.busybox.id.rawValue)
            #expect(created.imageRef == created.imageID)
            #expect(created.image.image == "busybox")
            #expect(created.logPath == Requests.pod.logDirectory + "/nginx/2.log")
            #expect(created.mounts == config().mounts)

            try await start(cri, id)
            let running = try await status(cri, id).status
            #expect(running.state == .containerRunning)
            #expect(running.startedAt > 0)

            try await stop(cri, id, seconds: 10)
            try await stop(cri, id, seconds: 10)
            let exited = try await status(cri, id).status
            #expect(exited.state == .containerExited)
            #expect(exited.finishedAt >= exited.startedAt)
            // The config's stop signal is SIGQUIT.
            #expect(exited.exitCode == 128 + 3)
            #expect(exited.reason == "Error")

            try await remove(cri, id)
            try await remove(cri, id)
            let gone = await #expect(throws: RPCError.self) { _ = try await status(cri, id) }
            #expect(gone?.code == .notFound)
        }
    }

    @Test func `the log of a running container only is reopened`() async throws {
        let node = FakeNode()
        try await withPod(node) { cri, pod in
            let id = try await create(cri, pod, config())
            func reopen(_ id: String) async throws {
                _ = try await cri.call(
                    Method.ReopenContainerLog.descriptor,
                    Runtime_V1_ReopenContainerLogRequest.with { $0.containerID = id },
                    Runtime_V1_ReopenContainerLogResponse.self)
            }
            let early = await #expect(throws: RPCError.self) { try await reopen(id) }
            #expect(early?.code == .failedPrecondition)
            try await start(cri, id)
            try await reopen(id)
            #expect(node.engine.reopened.map(\.rawValue) == [id])
            let none = await #expect(throws: RPCError.self) { try await reopen(unknown) }
            #expect(none?.code == .notFound)
        }
    }

    @Test func `a running container only is checkpointed`() async throws {
        let node = FakeNode()
        try await withPod(node) { cri, pod in
            let id = try await create(cri, pod, config())
            func checkpoint(_ id: String, _ location: String, _ timeout: Int64 = 0) async throws {
                _ = try await cri.call(
                    Method.CheckpointContainer.descriptor,
                    Runtime_V1_CheckpointContainerRequest.with {
                        ($0.containerID, $0.location, $0.timeout) = (id, location, timeout)
                    }, Runtime_V1_CheckpointContainerResponse.self)
            }
            let early = await #expect(throws: RPCError.self) { try await checkpoint(id, "/a.tar") }
            #expect(early?.code == .failedPrecondition)
            try await start(cri, id)
            for (location, timeout) in [("", 0), ("a.tar", 0), ("/a\u{0}b", 0), ("/a.tar", -1)] as [(String, Int64)] {
                let wrong = await #expect(throws: RPCError.self) { try await checkpoint(id, location, timeout) }
                #expect(wrong?.code == .invalidArgument)
                #expect(wrong?.message.contains(timeout < 0 ? "timeout" : "location") == true)
            }
            try await checkpoint(id, "/a.tar")
            try await checkpoint(id, "/b.tar", 3)
            #expect(node.engine.checkpointed == ["\(id) to /a.tar", "\(id) to /b.tar within 3.0 seconds"])
            let none = await #expect(throws: RPCError.self) { try await checkpoint(unknown, "/a.tar") }
            #expect(none?.code == .notFound)
        }
    }

    @Test func `the limits of a container that is created or runs are changed and told`() async throws {
        let node = FakeNode()
        try await withPod(node) { cri, pod in
            let id = try await create(cri, pod, config())
            func update(_ id: String, _ linux: Runtime_V1_LinuxContainerResources?) async throws {
                _ = try await cri.call(
                    Method.UpdateContainerResources.descriptor,
                    Runtime_V1_UpdateContainerResourcesRequest.with {
                        $0.containerID = id
                        if let linux { $0.linux = linux }
                    }, Runtime_V1_UpdateContainerResourcesResponse.self)
            }
            try await update(id, .with { $0.cpuShares = 512 })
            try await update(id, .with { $0.memoryLimitInBytes = 1 << 20 })
            let told = try await cri.call(
                Method.ContainerStatus.descriptor, Runtime_V1_ContainerStatusRequest.with { $0.containerID = id },
                Runtime_V1_ContainerStatusResponse.self
            ).status.resources.linux
            #expect((told.cpuShares, told.memoryLimitInBytes) == (512, 1 << 20))
            let bad = await #expect(throws: RPCError.self) { try await update(id, .with { $0.cpuPeriod = -1 }) }
            #expect(bad?.code == .invalidArgument && bad?.message.contains("linux.cpu_period") == true)
            let none = await #expect(throws: RPCError.self) { try await update(id, nil) }
            #expect(none?.code == .invalidArgument)
            let missing = await #expect(throws: RPCError.self) { try await update(unknown, .init()) }
            #expect(missing?.code == .notFound)
        }
    }

    @Test func `a timeout of zero kills at once`() async throws {
        try await withPod { cri, pod in
            let id = try await create(cri, pod, config())
            try await start(cri, id)
            try await stop(cri, id, seconds: 0)
            #expect(try await status(cri, id).status.exitCode == 137)
        }
    }

    @Test func `a negative timeout is refused`() async throws {
        try await withPod { cri, _ in
            let stopping = await #expect(throws: RPCError.self) { try await stop(cri, unknown, seconds: -1) }
            #expect(stopping?.code == .invalidArgument)
            #expect(stopping?.message.hasPrefix("timeout: ") == true)
            let exec = await #expect(throws: RPCError.self) { _ = try await execSync(cri, unknown, ["ls"], -1) }
            #expect(exec?.code == .invalidArgument)
        }
    }

    @Test func `stopping and removing a container that is not there succeeds, anything else does not`() async throws {
        try await withPod { cri, pod in
            for id in [unknown, "no id at all"] {
                try await stop(cri, id, seconds: 1)
                try await remove(cri, id)
                let codes = [
                    await #expect(throws: RPCError.self) { _ = try await status(cri, id) },
                    await #expect(throws: RPCError.self) { try await start(cri, id) },
                    await #expect(throws: RPCError.self) { _ = try await execSync(cri, id, ["ls"], 0) },
                    await #expect(throws: RPCError.self) { _ = try await create(cri, id, config()) },
                ].map { $0?.code }
                #expect(codes == [.notFound, .notFound, .notFound, .notFound])
            }
        }
    }

    @Test func `what CreateContainer cannot take is refused by name`() async throws {
        try await withPod { cri, pod in
            let nothing = await #expect(throws: RPCError.self) {
                let _: Runtime_V1_CreateContainerResponse = try await cri.call(
                    Method.CreateContainer.descriptor, Runtime_V1_CreateContainerRequest.with { $0.podSandboxID = pod })
            }
            #expect(nothing?.message == "config: is missing")
            var spoilt = config()
            spoilt.linux.securityContext.clearRunAsUser()
            let group = await #expect(throws: RPCError.self) { _ = try await create(cri, pod, spoilt) }
            #expect(group?.code == .invalidArgument)
            #expect(
                group?.message
                    == "config.linux.security_context.run_as_group: needs run_as_user or run_as_username")
            spoilt = config()
            spoilt.image.image = "nowhere"
            let image = await #expect(throws: RPCError.self) { _ = try await create(cri, pod, spoilt) }
            #expect(image?.code == .notFound)
        }
    }

    @Test func `a container starts once, and a failed start is exit 128`() async throws {
        try await withPod { cri, pod in
            let id = try await create(cri, pod, config())
            try await start(cri, id)
            let again = await #expect(throws: RPCError.self) { try await start(cri, id) }
            #expect(again?.code == .failedPrecondition)
            var broken = config("broken")
            broken.command = ["/does/not/exist"]
            let failing = try await create(cri, pod, broken)
            await #expect(throws: RPCError.self) { try await start(cri, failing) }
            let exited = try await status(cri, failing).status
            #expect((exited.state, exited.exitCode, exited.reason) == (.containerExited, 128, "StartError"))
        }
    }

    @Test func `ExecSync gives output and code of a command in a running container`() async throws {
        let node = FakeNode()
        try await withPod(node) { cri, pod in
            let id = try await create(cri, pod, config())
            let early = await #expect(throws: RPCError.self) { _ = try await execSync(cri, id, ["ls"], 0) }
            #expect(early?.code == .failedPrecondition)
            try await start(cri, id)
            let result = try await execSync(cri, id, ["exit", "3"], 0)
            #expect(result.exitCode == 3)
            #expect(Array(result.stdout) == Array("exit 3".utf8))
            #expect(result.stderr.isEmpty)
            let late = await #expect(throws: RPCError.self) { _ = try await execSync(cri, id, ["hang"], 5) }
            #expect(late?.code == .deadlineExceeded)
            let empty = await #expect(throws: RPCError.self) { _ = try await execSync(cri, id, [], 0) }
            #expect(empty?.message == "cmd: must not be empty")
        }
        #expect(node.exec.calls.map(\.timeout) == [nil, .seconds(5)])
    }

    @Test func `lists heed every field of the filter`() async throws {
        try await withPod { cri, pod in
            let first = try await create(cri, pod, config("a"))
            let second = try await create(cri, pod, config("b"))
            try await start(cri, second)
            #expect(Set(try await list(cri).map(\.id)) == [first, second])
            #expect(try await list(cri, .with { $0.id = first }).map(\.id) == [first])
            #expect(try await list(cri, .with { $0.state.state = .containerRunning }).map(\.id) == [second])
            #expect(try await list(cri, .with { $0.podSandboxID = pod }).count == 2)
            #expect(try await list(cri, .with { $0.podSandboxID = unknown }).isEmpty)
            #expect(try await list(cri, .with { $0.labelSelector = ["name": "a", "l": "1"] }).map(\.id) == [first])
        }
    }

    @Test func `a pod's status holds those of its containers`() async throws {
        try await withPod { cri, pod in
            let id = try await create(cri, pod, config())
            try await start(cri, id)
            let answer: Runtime_V1_PodSandboxStatusResponse = try await cri.call(
                Method.PodSandboxStatus.descriptor, Runtime_V1_PodSandboxStatusRequest.with { $0.podSandboxID = pod })
            #expect(answer.containersStatuses == [try await status(cri, id).status])
            #expect(answer.timestamp > answer.status.createdAt)
        }
    }

    @Test func `StreamContainers sends what ListContainers lists, in batches`() async throws {
        try await withPod(batches: ListBatches(items: 2)) { cri, pod in
            for name in ["a", "b", "c", "d", "e"] { _ = try await create(cri, pod, config(name)) }
            let batches: [Runtime_V1_StreamContainersResponse] = try await cri.stream(
                Method.StreamContainers.descriptor, Runtime_V1_StreamContainersRequest())
            #expect(batches.map(\.containers.count) == [2, 2, 1])
            #expect(Set(batches.flatMap(\.containers)) == Set(try await list(cri)))
        }
    }

    @Test func `a verbose status adds diagnostics as JSON`() async throws {
        try await withPod { cri, pod in
            let id = try await create(cri, pod, config())
            try await start(cri, id)
            #expect(try await status(cri, id).info.isEmpty)
            let info = try #require(try await status(cri, id, verbose: true).info["info"])
            #expect(info.contains("\"pid\":4242"))
            #expect(info.contains("\"sandboxID\":\"\(pod)\""))
        }
    }

    private func withPod(
        _ node: FakeNode = FakeNode(), batches: ListBatches = ListBatches(),
        _ body: @Sendable @escaping (InProcessCRI, String) async throws -> Void
    ) async throws {
        try await InProcessCRI.serve(node.useCases(), batches: batches) { cri in
            let pod: Runtime_V1_RunPodSandboxResponse = try await cri.call(
                Method.RunPodSandbox.descriptor, Runtime_V1_RunPodSandboxRequest.with { $0.config = Requests.pod })
            try await body(cri, pod.podSandboxID)
        }
    }

    private func create(
        _ cri: InProcessCRI, _ pod: String, _ config: Runtime_V1_ContainerConfig
    ) async throws -> String {
        try await cri.call(
            Method.CreateContainer.descriptor,
            Runtime_V1_CreateContainerRequest.with {
                $0.podSandboxID = pod
                $0.config = config
                $0.sandboxConfig = Requests.pod
            }, Runtime_V1_CreateContainerResponse.self
        ).containerID
    }

    private func start(_ cri: InProcessCRI, _ id: String) async throws {
        _ = try await cri.call(
            Method.StartContainer.descriptor, Runtime_V1_StartContainerRequest.with { $0.containerID = id },
            Runtime_V1_StartContainerResponse.self)
    }

    private func stop(_ cri: InProcessCRI, _ id: String, seconds: Int64) async throws {
        _ = try await cri.call(
            Method.StopContainer.descriptor,
            Runtime_V1_StopContainerRequest.with {
                $0.containerID = id
                $0.timeout = seconds
            }, Runtime_V1_StopContainerResponse.self)
    }

    private func remove(_ cri: InProcessCRI, _ id: String) async throws {
        _ = try await cri.call(
            Method.RemoveContainer.descriptor, Runtime_V1_RemoveContainerRequest.with { $0.containerID = id },
            Runtime_V1_RemoveContainerResponse.self)
    }

    private func status(
        _ cri: InProcessCRI, _ id: String, verbose: Bool = false
    ) async throws -> Runtime_V1_ContainerStatusResponse {
        try await cri.call(
            Method.ContainerStatus.descriptor,
            Runtime_V1_ContainerStatusRequest.with {
                $0.containerID = id
                $0.verbose = verbose
            })
    }

    private func execSync(
        _ cri: InProcessCRI, _ id: String, _ command: [String], _ timeout: Int64
    ) async throws -> Runtime_V1_ExecSyncResponse {
        try await cri.call(
            Method.ExecSync.descriptor,
            Runtime_V1_ExecSyncRequest.with {
                $0.containerID = id
                $0.cmd = command
                $0.timeout = timeout
            })
    }

    private func list(
        _ cri: InProcessCRI, _ filter: Runtime_V1_ContainerFilter = .init()
    ) async throws -> [Runtime_V1_Container] {
        try await cri.call(
            Method.ListContainers.descriptor, Runtime_V1_ListContainersRequest.with { $0.filter = filter },
            Runtime_V1_ListContainersResponse.self
        ).containers
    }
}
