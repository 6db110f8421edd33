import Domain
import DomainFakes
import GRPCCore
import Synchronization
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct EncodedListsTests {
    private typealias Method = Runtime_V1_RuntimeService.Method

    private func container(_ number: UInt64, _ state: ContainerState = .running, label: String = "x") -> Container {
        var config = ContainerConfig.fake("c\(number)")
        config.labels["label"] = label
        config.annotations = ["long": String(repeating: "a", count: Int(number) * 40)]
        return Container(
            id: .fake(number, "c"), podID: .fake(number % 3, "a"), config: config, imageID: Image.busybox.id,
            logPath: "", state: state, createdAt: Timestamp(nanoseconds: Int64(number)))
    }

    private func pod(_ number: UInt64, _ state: PodSandboxState = .ready) -> PodSandbox {
        PodSandbox(
            id: .fake(number, "a"), config: .fake("p\(number)"), state: state,
            createdAt: Timestamp(nanoseconds: Int64(number)), unit: "u")
    }

    private func ids(_ message: EncodedMessage) throws -> [String] {
        try Runtime_V1_ListContainersResponse(serializedBytes: message.bytes).containers.map(\.id)
    }

    // MARK: The same answers

    /// What the services answer by themselves, for a pod and container list of each filter.
    @Test func `lists from bytes are what the services' own lists are, before and after changes`() async throws {
        let useCases = FakeNode().useCases()
        let index = useCases.context.index
        let service = RuntimeService(useCases: useCases)
        let context = ServerContext(
            descriptor: Method.ListContainers.descriptor, remotePeer: "", localPeer: "", cancellation: .init())
        var filters: [Runtime_V1_ContainerFilter] = [.init()]
        filters.append(.with { $0.state.state = .containerExited })
        filters.append(.with { $0.podSandboxID = PodID.fake(1, "a").rawValue })
        filters.append(.with { $0.labelSelector = ["label": "x"] })
        filters.append(.with { $0.id = ContainerID.fake(5, "c").rawValue })
        let cases = filters
        try await InProcessCRI.serve(useCases) { cri in
            for round in 0..<4 {
                switch round {
                case 1:
                    for number in 0..<3 as Range<UInt64> { index.apply(.pod(pod(number))) }
                    for number in 0..<20 as Range<UInt64> { index.apply(.container(container(number))) }
                case 2:
                    var ended = container(5)
                    ended.state = .exited
                    ended.exit = ContainerExit(finishedAt: Timestamp(nanoseconds: 9), code: 0, reason: "Completed")
                    index.apply(.container(ended))
                    index.apply(.pod(pod(1, .notReady)))
                case 3:
                    index.apply(.containerRemoved(.fake(5, "c")))
                    index.apply(.podRemoved(.fake(2, "a")))
                default: break
                }
                for filter in cases {
                    let request = Runtime_V1_ListContainersRequest.with { $0.filter = filter }
                    let expected = try await service.listContainers(request: request, context: context)
                    let answer: Runtime_V1_ListContainersResponse = try await cri.call(
                        Method.ListContainers.descriptor, request)
                    #expect(Set(answer.containers) == Set(expected.containers))
                    #expect(answer.containers.count == expected.containers.count)
                    #expect(answer.unknownFields.data.isEmpty)
                    let streamed: [Runtime_V1_StreamContainersResponse] = try await cri.stream(
                        Method.StreamContainers.descriptor,
                        Runtime_V1_StreamContainersRequest.with { $0.filter = filter })
                    #expect(Set(streamed.flatMap(\.containers)) == Set(expected.containers))
                }
                for filter in [Runtime_V1_PodSandboxFilter(), .with { $0.state.state = .sandboxNotready }] {
                    let request = Runtime_V1_ListPodSandboxRequest.with { $0.filter = filter }
                    let expected = try await service.listPodSandbox(request: request, context: context)
                    let answer: Runtime_V1_ListPodSandboxResponse = try await cri.call(
                        Method.ListPodSandbox.descriptor, request)
                    #expect(Set(answer.items) == Set(expected.items))
                    #expect(answer.items.count == expected.items.count)
                    let streamed: [Runtime_V1_StreamPodSandboxesResponse] = try await cri.stream(
                        Method.StreamPodSandboxes.descriptor,
                        Runtime_V1_StreamPodSandboxesRequest.with { $0.filter = filter })
                    #expect(Set(streamed.flatMap(\.podSandboxes)) == Set(expected.items))
                }
            }
        }
    }

    @Test func `a filter that cannot be is refused`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            let error = await #expect(throws: RPCError.self) {
                let _: Runtime_V1_ListContainersResponse = try await cri.call(
                    Method.ListContainers.descriptor,
                    Runtime_V1_ListContainersRequest.with { $0.filter.state.state = .UNRECOGNIZED(9) })
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    // MARK: How often what is done

    @Test func `a list is read and encoded once per version`() throws {
        let list = EncodedList<Container>()
        var reads = 0
        func read() -> [Container] {
            reads += 1
            return [container(1), container(2)]
        }
        let first = try list.whole(version: 7, read)
        #expect(try ids(first) == [1, 2].map { ContainerID.fake($0, "c").rawValue })
        #expect(try list.whole(version: 7, read) == first)
        #expect(try list.pieces(of: [container(2)], version: 7, read).count == 1)
        #expect(reads == 1)
        _ = try list.whole(version: 8, read)
        #expect(reads == 2)
    }

    @Test func `a call that others overtook is answered with the newer list`() throws {
        let list = EncodedList<Container>()
        _ = try list.whole(version: 8) { [container(1), container(2)] }
        #expect(try ids(list.whole(version: 7) { [] }).count == 2)
    }

    @Test func `an item that changed is encoded anew, also when the list is older`() throws {
        let list = EncodedList<Container>()
        _ = try list.whole(version: 1) { [container(1, .created)] }
        let newer = try list.pieces(of: [container(1, .exited)], version: 1) { [] }
        // Read again to be compared: maps have no order of their own.
        func message(_ bytes: [UInt8]) throws -> Runtime_V1_ListContainersResponse { try .init(serializedBytes: bytes) }
        let exited = try message(container(1, .exited).encoded())
        #expect(exited.containers.map(\.state) == [.containerExited])
        #expect(try newer.map(message) == [exited])
        #expect(try message(list.whole(version: 2) { [container(1, .exited)] }.bytes) == exited)
        #expect(try message(list.whole(version: 3) { [container(1, .exited, label: "y")] }.bytes) != exited)
    }

    @Test(arguments: [0, 1, 100, 117, 118, 119, 120, 121, 122, 16_000, 16_384, 20_000, 3_000_000])
    func `items of every length are read again as they were`(_ length: Int) throws {
        let image = Image(
            id: ImageID(String(repeating: "i", count: length)), repoTags: [], repoDigests: [], size: 1)
        let message = EncodedList<Image>.message([try image.encoded(), try image.encoded()])
        let response = try Runtime_V1_StreamImagesResponse(serializedBytes: message.bytes)
        #expect(response.images == [image.wire, image.wire])
    }

    @Test func `encoded messages reach a transport of arrays without a copy, and any other with one`() throws {
        let message = EncodedMessage(bytes: [1, 2, 3])
        let same: [UInt8] = try EncodedMessageSerializer().serialize(message)
        #expect(same == message.bytes)
        #expect(same.withUnsafeBytes { $0.baseAddress } == message.bytes.withUnsafeBytes { $0.baseAddress })
    }

    @Test func `a stream of encoded items is cut by bytes and by items`() async throws {
        let writer = CollectingWriter()
        try await ListBatches(bytes: 4, items: 3).send(
            [[1], [2], [3], [4], [5, 6, 7, 8, 9], [10]], to: RPCWriter(wrapping: writer))
        #expect(writer.written.map(\.bytes) == [[1, 2, 3], [4], [5, 6, 7, 8, 9], [10]])
    }
}

private final class CollectingWriter: RPCWriterProtocol {
    private let messages = Mutex<[EncodedMessage]>([])
    var written: [EncodedMessage] { messages.withLock { $0 } }
    func write(_ element: EncodedMessage) async throws { messages.withLock { $0.append(element) } }
    func write(contentsOf elements: some Sequence<EncodedMessage>) async throws {
        for element in elements { try await write(element) }
    }
}
