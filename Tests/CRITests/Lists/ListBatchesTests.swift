import GRPCCore
import Synchronization
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct ListBatchesTests {
    private func batches(_ limits: ListBatches, _ names: [String]) async throws -> [[String]] {
        let writer = RecordingWriter()
        try await limits.send(names, to: RPCWriter(wrapping: writer)) { name in
            Runtime_V1_PodSandbox.with { $0.id = name }
        } response: { pods in
            Runtime_V1_StreamPodSandboxesResponse.with { $0.podSandboxes = pods }
        }
        return writer.written.map { $0.podSandboxes.map(\.id) }
    }

    @Test func `a list is cut by the number of its items`() async throws {
        #expect(try await batches(ListBatches(items: 2), ["a", "b", "c"]) == [["a", "b"], ["c"]])
    }

    @Test func `a list is cut by its bytes, and an item that is too large goes alone`() async throws {
        let large = String(repeating: "x", count: 50)
        #expect(try await batches(ListBatches(bytes: 10), ["a", "b", large, "c"]) == [["a", "b"], [large], ["c"]])
    }

    @Test func `an empty list sends nothing`() async throws {
        #expect(try await batches(ListBatches(), []).isEmpty)
    }

    @Test func `no message comes near the limit of clients`() async throws {
        let names = (0..<4_000).map { String(repeating: "n", count: 8_000) + "\($0)" }
        let sent = try await batches(ListBatches(), names)
        #expect(sent.flatMap { $0 } == names)
        #expect(sent.allSatisfy { $0.joined().utf8.count <= 1 << 20 })
        #expect(sent.count > 30)
    }

    @Test func `a client that went away ends the list`() async throws {
        let writer = RecordingWriter(failAfter: 1)
        await #expect(throws: CancellationError.self) {
            try await ListBatches(items: 1).send(["a", "b", "c"], to: RPCWriter(wrapping: writer)) { name in
                Runtime_V1_PodSandbox.with { $0.id = name }
            } response: { pods in
                Runtime_V1_StreamPodSandboxesResponse.with { $0.podSandboxes = pods }
            }
        }
        #expect(writer.written.count == 1)
    }
}

/// Keeps what is written; fails like a lost connection after so many messages.
private final class RecordingWriter: RPCWriterProtocol {
    private let messages = Mutex<[Runtime_V1_StreamPodSandboxesResponse]>([])
    var written: [Runtime_V1_StreamPodSandboxesResponse] { messages.withLock { $0 } }
    private let limit: Int

    init(failAfter limit: Int = .max) { self.limit = limit }

    func write(_ element: Runtime_V1_StreamPodSandboxesResponse) async throws {
        try messages.withLock { messages in
            guard messages.count < limit else { throw CancellationError() }
            messages.append(element)
        }
    }

    func write(contentsOf elements: some Sequence<Runtime_V1_StreamPodSandboxesResponse>) async throws {
        for element in elements { try await write(element) }
    }
}
