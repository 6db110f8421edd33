import CRI
import Domain
import DomainFakes
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct PodRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method
    private let unknown = String(repeating: "9", count: 64)

    @Test func `a pod's way from RunPodSandbox to RemovePodSandbox`() async throws {
        let node = FakeNode()
        try await InProcessCRI.serve(node.useCases()) { cri in
            let id = try await run(cri, Requests.pod)
            let ready = try await status(cri, id)
            #expect(ready.status.state == .sandboxReady)
            #expect(ready.status.metadata == Requests.pod.metadata)
            #expect(ready.status.labels == Requests.pod.labels)
            #expect(ready.status.annotations == Requests.pod.annotations)
            #expect(ready.status.createdAt > 0)
            #expect(ready.status.network.ip == "10.88.0.2")
            #expect(ready.info.isEmpty)
            #expect(ready.containersStatuses.isEmpty)
            #expect(ready.timestamp > ready.status.createdAt)
            #expect(try await list(cri).map(\.id) == [id])

            try await stop(cri, id)
            try await stop(cri, id)
            #expect(try await status(cri, id).status.state == .sandboxNotready)
            try await remove(cri, id)
            try await remove(cri, id)
            #expect(try await list(cri).isEmpty)
        }
        #expect(node.leftovers.isEmpty)
    }

    @Test func `the retry of a request gets the same pod, and another request of its name none`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            let id = try await run(cri, Requests.pod)
            #expect(try await run(cri, Requests.pod) == id)
            var other = Requests.pod
            other.hostname = "other"
            let error = await #expect(throws: RPCError.self) { _ = try await run(cri, other) }
            #expect(error?.code == .alreadyExists)
        }
    }

    @Test func `what RunPodSandbox cannot take is refused by name, and leaves nothing`() async throws {
        let node = FakeNode()
        try await InProcessCRI.serve(node.useCases()) { cri in
            let handler = await #expect(throws: RPCError.self) {
                let _: Runtime_V1_RunPodSandboxResponse = try await cri.call(
                    Method.RunPodSandbox.descriptor,
                    Runtime_V1_RunPodSandboxRequest.with {
                        $0.config = Requests.pod
                        $0.runtimeHandler = "kata"
                    })
            }
            #expect(handler?.code == .invalidArgument)
            #expect(handler?.message.hasPrefix("runtime_handler: ") == true)
            var spoilt = Requests.pod
            spoilt.clearMetadata()
            let metadata = await #expect(throws: RPCError.self) { _ = try await run(cri, spoilt) }
            #expect(metadata?.code == .invalidArgument)
            #expect(metadata?.message == "config.metadata: is missing")
        }
        #expect(node.leftovers.isEmpty)
        #expect(node.launcher.running.isEmpty)
    }

    @Test func `a failed launch reaches the client with its code and cause`() async throws {
        let node = FakeNode()
        node.failpoints.arm(.launcherLaunch, .before, .fail(DomainError(.resourceExhausted, "no free address")))
        try await InProcessCRI.serve(node.useCases()) { cri in
            let error = await #expect(throws: RPCError.self) { _ = try await run(cri, Requests.pod) }
            #expect(error?.code == .resourceExhausted)
            #expect(error?.message == "no free address")
        }
        #expect(node.leftovers.isEmpty)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a client that gives up on RunPodSandbox leaves nothing`() async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.launcherLaunch, .before)
        try await InProcessCRI.serve(useCases) { cri in
            let call = Task { try await run(cri, Requests.pod) }
            await gate.arrival()
            call.cancel()
            await #expect(throws: (any Error).self) { _ = try await call.value }
        }
        await useCases.drain()
        #expect(node.leftovers.isEmpty)
    }

    @Test func `stopping and removing a pod that is not there succeeds, asking for it does not`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { [unknown] cri in
            for id in [unknown, "no id at all"] {
                try await stop(cri, id)
                try await remove(cri, id)
                let error = await #expect(throws: RPCError.self) { _ = try await status(cri, id) }
                #expect(error?.code == .notFound)
                #expect(error?.message.contains(id) == true)
            }
        }
    }

    @Test func `a verbose status adds diagnostics as JSON`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            let id = try await run(cri, Requests.pod)
            let response: Runtime_V1_PodSandboxStatusResponse = try await cri.call(
                Method.PodSandboxStatus.descriptor,
                Runtime_V1_PodSandboxStatusRequest.with {
                    $0.podSandboxID = id
                    $0.verbose = true
                })
            #expect(response.info["info"]?.contains("\"sandboxID\":\"\(id)\"") == true)
            #expect(response.info["info"]?.contains("\"pid\":100") == true)
        }
    }

    @Test func `lists heed every field of the filter`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            let first = try await run(cri, pod("a"))
            let second = try await run(cri, pod("b"))
            try await stop(cri, second)
            #expect(Set(try await list(cri).map(\.id)) == [first, second])
            #expect(try await list(cri, .with { $0.id = first }).map(\.id) == [first])
            #expect(try await list(cri, .with { $0.state.state = .sandboxNotready }).map(\.id) == [second])
            #expect(try await list(cri, .with { $0.labelSelector = ["name": "a"] }).map(\.id) == [first])
            #expect(
                try await list(
                    cri,
                    .with {
                        $0.id = first
                        $0.labelSelector = ["name": "b"]
                    }
                ).isEmpty)
        }
    }

    @Test func `StreamPodSandboxes sends what ListPodSandbox lists, in batches`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases(), batches: ListBatches(items: 2)) { cri in
            for name in ["a", "b", "c"] { _ = try await run(cri, pod(name)) }
            let batches: [Runtime_V1_StreamPodSandboxesResponse] = try await cri.stream(
                Method.StreamPodSandboxes.descriptor, Runtime_V1_StreamPodSandboxesRequest())
            #expect(batches.map(\.podSandboxes.count) == [2, 1])
            #expect(Set(batches.flatMap(\.podSandboxes)) == Set(try await list(cri)))
            let filtered: [Runtime_V1_StreamPodSandboxesResponse] = try await cri.stream(
                Method.StreamPodSandboxes.descriptor,
                Runtime_V1_StreamPodSandboxesRequest.with { $0.filter.labelSelector = ["name": "c"] })
            #expect(filtered.flatMap(\.podSandboxes).map(\.metadata.name) == ["c"])
        }
    }

    private func pod(_ name: String) -> Runtime_V1_PodSandboxConfig {
        var pod = Requests.pod
        pod.metadata.name = name
        pod.labels["name"] = name
        return pod
    }

    private func run(_ cri: InProcessCRI, _ config: Runtime_V1_PodSandboxConfig) async throws -> String {
        try await cri.call(
            Method.RunPodSandbox.descriptor, Runtime_V1_RunPodSandboxRequest.with { $0.config = config },
            Runtime_V1_RunPodSandboxResponse.self
        ).podSandboxID
    }

    private func stop(_ cri: InProcessCRI, _ id: String) async throws {
        _ = try await cri.call(
            Method.StopPodSandbox.descriptor, Runtime_V1_StopPodSandboxRequest.with { $0.podSandboxID = id },
            Runtime_V1_StopPodSandboxResponse.self)
    }

    private func remove(_ cri: InProcessCRI, _ id: String) async throws {
        _ = try await cri.call(
            Method.RemovePodSandbox.descriptor, Runtime_V1_RemovePodSandboxRequest.with { $0.podSandboxID = id },
            Runtime_V1_RemovePodSandboxResponse.self)
    }

    private func status(_ cri: InProcessCRI, _ id: String) async throws -> Runtime_V1_PodSandboxStatusResponse {
        try await cri.call(
            Method.PodSandboxStatus.descriptor, Runtime_V1_PodSandboxStatusRequest.with { $0.podSandboxID = id })
    }

    private func list(
        _ cri: InProcessCRI, _ filter: Runtime_V1_PodSandboxFilter = .init()
    ) async throws -> [Runtime_V1_PodSandbox] {
        try await cri.call(
            Method.ListPodSandbox.descriptor, Runtime_V1_ListPodSandboxRequest.with { $0.filter = filter },
            Runtime_V1_ListPodSandboxResponse.self
        ).items
    }
}
