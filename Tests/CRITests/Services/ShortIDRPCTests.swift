import CRI
import Domain
import DomainFakes
import GRPCCore
import SwiftProtobuf
import Testing

/// Ids as `crictl` passes them through from its command line.
@Suite(.timeLimit(.minutes(10))) struct ShortIDRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method

    private static func digits(_ beginning: String) -> String {
        beginning + String(repeating: "0", count: 64 - beginning.count)
    }

    private let pod = digits("aaaa1")
    private let container = digits("bbbb1")

    /// Two pods and two containers whose ids begin alike.
    private func serve(_ body: @Sendable @escaping (InProcessCRI, FakeNode) async throws -> Void) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        for number in ["1", "2"] {
            let podID = try #require(PodID(Self.digits("aaaa" + number)))
            let pod = PodSandbox(
                id: podID, config: .fake("p" + number), state: .ready, createdAt: Timestamp(nanoseconds: 1), unit: "u")
            let container = Container(
                id: try #require(ContainerID(Self.digits("bbbb" + number))), podID: podID, config: .fake("c" + number),
                imageID: Image.busybox.id, logPath: "", state: number == "1" ? .running : .created,
                createdAt: Timestamp(nanoseconds: 2), startedAt: number == "1" ? Timestamp(nanoseconds: 3) : .never)
            node.engine.add(PodRecord(pod: pod, containers: [container]))
        }
        useCases.context.index.apply(.snapshot(node.engine.snapshot))
        try await InProcessCRI.serve(useCases) { cri in try await body(cri, node) }
    }

    private func answer<Request: Message>(
        _ cri: InProcessCRI, _ method: MethodDescriptor, _ request: Request
    ) async throws -> (Status.Code, String) {
        do {
            let _: [Google_Protobuf_Empty] = try await cri.stream(method, request)
            return (.ok, "")
        } catch let error as RPCError {
            return (Status.Code(error.code), error.message)
        }
    }

    /// Every request that names a pod or a container, with this text for it.
    private func requests(_ pod: String, _ container: String) -> [(MethodDescriptor, any Message)] {
        [
            (Method.PodSandboxStatus.descriptor, Runtime_V1_PodSandboxStatusRequest.with { $0.podSandboxID = pod }),
            (Method.ListPodSandbox.descriptor, Runtime_V1_ListPodSandboxRequest.with { $0.filter.id = pod }),
            (Method.StreamPodSandboxes.descriptor, Runtime_V1_StreamPodSandboxesRequest.with { $0.filter.id = pod }),
            (Method.ContainerStatus.descriptor, Runtime_V1_ContainerStatusRequest.with { $0.containerID = container }),
            (Method.ListContainers.descriptor, Runtime_V1_ListContainersRequest.with { $0.filter.id = container }),
            (Method.ListContainers.descriptor, Runtime_V1_ListContainersRequest.with { $0.filter.podSandboxID = pod }),
            (Method.StreamContainers.descriptor, Runtime_V1_StreamContainersRequest.with { $0.filter.id = container }),
            (
                Method.ExecSync.descriptor,
                Runtime_V1_ExecSyncRequest.with {
                    $0.containerID = container
                    $0.cmd = ["ls"]
                }
            ),
            (
                Method.CreateContainer.descriptor,
                Runtime_V1_CreateContainerRequest.with {
                    $0.podSandboxID = pod
                    $0.config = Requests.container
                    $0.config.image.image = "busybox"
                }
            ),
            (Method.StopContainer.descriptor, Runtime_V1_StopContainerRequest.with { $0.containerID = container }),
            (Method.RemoveContainer.descriptor, Runtime_V1_RemoveContainerRequest.with { $0.containerID = container }),
            (Method.StopPodSandbox.descriptor, Runtime_V1_StopPodSandboxRequest.with { $0.podSandboxID = pod }),
            (Method.RemovePodSandbox.descriptor, Runtime_V1_RemovePodSandboxRequest.with { $0.podSandboxID = pod }),
        ]
    }

    @Test func `the beginning of one id does what the id does, in every RPC`() async throws {
        try await serve { cri, node in
            for (method, request) in requests("aaaa1", "bbbb1") {
                let (code, message) = try await answer(cri, method, request)
                #expect(code == .ok, "\(method.method): \(message)")
            }
            let start = Runtime_V1_StartContainerRequest.with { $0.containerID = "bbbb2" }
            #expect(try await answer(cri, Method.StartContainer.descriptor, start).0 == .ok)
            #expect(Set(node.engine.records.keys.map(\.rawValue)) == [Self.digits("aaaa2")])
            #expect(node.engine.snapshot.flatMap(\.containers).map(\.state) == [.running])
        }
    }

    @Test func `the beginning of several ids is refused with their names, in every RPC`() async throws {
        try await serve { cri, node in
            for (method, request) in requests("aaaa", "bbbb") {
                let (code, message) = try await answer(cri, method, request)
                #expect(code == .invalidArgument, "\(method.method)")
                let names = ["aaaa", "bbbb"].map { "\(Self.digits($0 + "1")), \(Self.digits($0 + "2"))" }
                #expect(names.contains { message.contains($0) }, "\(method.method): \(message)")
                #expect(message.contains("_id: ") || message.contains("filter.id: "))
            }
            #expect(node.engine.records.count == 2)
        }
    }

    @Test(arguments: ["ffff", "aaaa12", "6a1c7f0e-4d0c-4d21-9f6e-0f5e1c3f0001", "c1"])
    func `what is the beginning of none is unknown`(_ text: String) async throws {
        try await serve { cri, node in
            for (method, request) in requests(text, text) {
                let idempotent = ["Stop", "Remove", "List", "Stream"].contains { method.method.hasPrefix($0) }
                let expected: Status.Code =
                    idempotent && !method.method.hasSuffix("Status") ? .ok : .notFound
                let code = try await answer(cri, method, request).0
                #expect(code == expected, "\(method.method)")
            }
            #expect(node.engine.records.count == 2)
        }
    }

    @Test func `lists by the beginning of an id hold what they should`() async throws {
        try await serve { cri, _ in
            let byID: Runtime_V1_ListContainersResponse = try await cri.call(
                Method.ListContainers.descriptor, Runtime_V1_ListContainersRequest.with { $0.filter.id = "bbbb2" })
            #expect(byID.containers.map(\.id) == [Self.digits("bbbb2")])
            let byPod: Runtime_V1_ListContainersResponse = try await cri.call(
                Method.ListContainers.descriptor,
                Runtime_V1_ListContainersRequest.with { $0.filter.podSandboxID = "aaaa1" })
            #expect(byPod.containers.map(\.id) == [container])
            let unknown: Runtime_V1_ListContainersResponse = try await cri.call(
                Method.ListContainers.descriptor, Runtime_V1_ListContainersRequest.with { $0.filter.id = "ffff" })
            #expect(unknown.containers.isEmpty)
            let pods: Runtime_V1_ListPodSandboxResponse = try await cri.call(
                Method.ListPodSandbox.descriptor, Runtime_V1_ListPodSandboxRequest.with { $0.filter.id = "aaaa1" })
            #expect(pods.items.map(\.id) == [pod])
        }
    }
}
