import GRPCCore
import Gzip
import HTTP2
import Synchronization
import Testing
import Waiting

@testable import GRPCTransport

@Suite("A request's parts", .timeLimit(.minutes(10)))
struct RequestPartsTests {
    private let demands = Counter()

    private func makeParts(memory: ConnectionMemory = ConnectionMemory()) -> RequestParts {
        RequestParts(metadata: [:], memory: memory) { [demands] in demands.add() }
    }

    @Test("come in order, and ask for more when there are none left")
    func order() async throws {
        let memory = ConnectionMemory()
        let parts = makeParts(memory: memory)
        parts.append(.plain([1]))
        parts.append(.plain([2]))
        #expect(memory.used > 0)
        var iterator = parts.makeAsyncIterator()
        #expect(try await iterator.next() == .metadata([:]))
        #expect(try await iterator.next() == .message([1]))
        #expect(demands.value == 0)
        #expect(try await iterator.next() == .message([2]))
        #expect(demands.value == 1)
        #expect(memory.used == 0)
        parts.finish()
        #expect(try await iterator.next() == nil)
    }

    @Test("wake a reader that waits")
    func waiting() async throws {
        let parts = makeParts()
        async let all = parts.reduce(into: []) { $0.append($1) }
        parts.append(.plain([1]))
        parts.finish()
        #expect(try await all == [.metadata([:]), .message([1])])
    }

    @Test("ask for more also when the last one came just before the reader would have waited")
    func lateLook() async throws {
        let memory = ConnectionMemory()
        let parts = makeParts(memory: memory)
        var iterator = parts.makeAsyncIterator()
        #expect(try await iterator.next() == .metadata([:]))
        parts.append(.plain([1]))
        #expect(try await parts.waitForNext() == .message([1]))
        #expect(demands.value == 1)
        #expect(memory.used == 0)
    }

    @Test("are decompressed by their reader, and fail it when they cannot be")
    func compressed() async throws {
        let message = [UInt8](repeating: 5, count: 1000)
        let bytes = try CompressionFormat.gzip.compress(message)
        let memory = ConnectionMemory()
        let parts = makeParts(memory: memory)
        parts.append(.compressed(bytes, .gzip, limit: 1000))
        parts.append(.compressed(bytes, .gzip, limit: 999))
        #expect(memory.used < 500)
        var iterator = parts.makeAsyncIterator()
        #expect(try await iterator.next() == .metadata([:]))
        #expect(try await iterator.next() == .message(message))
        let error = await #expect(throws: RPCError.self) { try await iterator.next() }
        #expect(error?.code == .resourceExhausted)
        #expect(memory.used == 0)
    }

    @Test("fail their reader, and drop what waits")
    func failure() async throws {
        let memory = ConnectionMemory()
        let parts = makeParts(memory: memory)
        parts.append(.plain([1]))
        parts.fail(RPCError(code: .cancelled, message: ""))
        parts.append(.plain([2]))
        #expect(memory.used == 0)
        await #expect(throws: RPCError.self) { for try await _ in parts {} }
    }

    @Test("give their memory back when nobody reads them")
    func abandoned() {
        let memory = ConnectionMemory()
        do {
            let parts = makeParts(memory: memory)
            parts.append(.plain([1]))
            parts.finish()
            #expect(memory.used > 0)
        }
        #expect(memory.used == 0)
    }

    @Test("let a cancelled reader go")
    func cancelled() async throws {
        let parts = makeParts()
        let reader = Task { for try await _ in parts {} }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }
}

@Suite("A response's writer", .timeLimit(.minutes(10)))
struct ResponseWriterTests {
    private let announcements = Counter()

    private let memory = ConnectionMemory()

    private func makeWriter(isUnary: Bool = false, _ relay: CancellationRelay = CancellationRelay()) -> ResponseWriter {
        ResponseWriter(
            highWaterMark: 100, memory: memory, memoryLimit: 10_000, isUnary: isUnary, cancellation: relay
        ) { [announcements] in
            announcements.add()
        }
    }

    @Test("announces once until its parts are taken")
    func announcement() async throws {
        let writer = makeWriter()
        try await writer.write(.metadata([:]))
        try await writer.write(.message([1]))
        #expect(announcements.value == 1)
        #expect(writer.take().count == 2)
        try await writer.write(.status(Status(code: .ok, message: ""), [:]))
        #expect(announcements.value == 2)
    }

    @Test("hands a unary response over in one piece")
    func unary() async throws {
        let writer = makeWriter(isUnary: true)
        try await writer.write(.metadata([:]))
        try await writer.write(.message([UInt8](repeating: 0, count: 1000)))
        #expect(announcements.value == 0)
        try await writer.write(.status(Status(code: .ok, message: ""), [:]))
        #expect(announcements.value == 1)
        #expect(writer.take().count == 3)
    }

    @Test("suspends a write above the mark until enough is sent")
    func backPressure() async throws {
        let writer = makeWriter()
        let isThrough = Counter()
        let write = Task {
            try await writer.write(.message([UInt8](repeating: 0, count: 200)))
            isThrough.add()
        }
        try await until("the first write's bytes") { !writer.take().isEmpty }
        writer.sent(100)
        #expect(isThrough.value == 0)
        writer.sent(10)
        try await write.value
        #expect(isThrough.value == 1)
    }

    @Test("fails suspended and later writes when the stream is gone")
    func closed() async throws {
        let writer = makeWriter()
        let write = Task { try await writer.write(.message([UInt8](repeating: 0, count: 200))) }
        try await until("the first write's bytes") { !writer.take().isEmpty }
        writer.close(RPCError(code: .cancelled, message: "gone"))
        await #expect(throws: RPCError(code: .cancelled, message: "gone")) { try await write.value }
        await #expect(throws: RPCError(code: .cancelled, message: "gone")) { try await writer.write(.message([])) }
    }

    @Test("charges what is not sent, gives it back, and refuses what is too much for its connection")
    func memoryLimit() async throws {
        let first = makeWriter(isUnary: true)
        let second = makeWriter(isUnary: true)
        try await first.write(.message([UInt8](repeating: 0, count: 6000)))
        #expect(memory.used == 6005)
        let error = await #expect(throws: RPCError.self) {
            try await second.write(.message([UInt8](repeating: 0, count: 6000)))
        }
        #expect(error?.code == .resourceExhausted)
        // Its status is sent all the same.
        try await second.write(.status(Status(code: .resourceExhausted, message: ""), [:]))
        first.sent(1005)
        #expect(memory.used == 5000)
        first.close(RPCError(code: .cancelled, message: ""))
        first.sent(5000)
        #expect(memory.used == 0)
        do {
            let third = makeWriter(isUnary: true)
            try await third.write(.message([1]))
            #expect(memory.used == 6)
        }
        #expect(memory.used == 0)
    }

    @Test("lets a cancelled writer go")
    func cancelled() async throws {
        let writer = makeWriter()
        let write = Task { try await writer.write(.message([UInt8](repeating: 0, count: 200))) }
        write.cancel()
        await #expect(throws: CancellationError.self) { try await write.value }
    }

    @Test("takes nothing after the status, and no metadata that cannot be sent")
    func refusals() async throws {
        let writer = makeWriter()
        await #expect(throws: RPCError.self) { try await writer.write(.metadata(["a b": "c"])) }
        try await writer.write(.status(Status(code: .ok, message: ""), [:]))
        await #expect(throws: RPCError.self) { try await writer.write(.message([])) }
    }

    @Test(
        "says why a cancelled handler ended",
        arguments: [
            (.deadlinePassed, .deadlineExceeded), (.shutdown, .unavailable), (.clientGone, .unknown), (nil, .unknown),
        ]
            as [(CancellationRelay.Reason?, Status.Code)]
    )
    func explanation(reason: CancellationRelay.Reason?, expected: Status.Code) async throws {
        let relay = CancellationRelay()
        let handle = ServerContext.RPCCancellationHandle()
        relay.attach(handle)
        if let reason { relay.cancel(reason) } else { handle.cancel() }
        #expect(handle.isCancelled)
        #expect(relay.explain(Status(code: .unknown, message: "")).code == expected)
        #expect(relay.explain(Status(code: .notFound, message: "")).code == .notFound)
    }

    @Test("cancels a handler that starts after its client has gone")
    func lateHandle() {
        let relay = CancellationRelay()
        relay.cancel(.clientGone)
        let handle = ServerContext.RPCCancellationHandle()
        relay.attach(handle)
        #expect(handle.isCancelled)
    }
}

@Suite("A connection's inbox", .timeLimit(.minutes(10)))
struct ConnectionInboxTests {
    @Test("wakes once for all that is posted, and not at all for what may wait")
    func wakes() {
        let wakes = Counter()
        let inbox = ConnectionInbox { wakes.add() }
        inbox.post(.ended(StreamID(1)), urgently: false)
        #expect(wakes.value == 0)
        inbox.post(.output(StreamID(3)))
        inbox.post(.ended(StreamID(3)))
        #expect(wakes.value == 1)
        #expect(inbox.drain().count == 3)
        inbox.post(.ended(StreamID(5)), urgently: false)
        #expect(wakes.value == 1)
        #expect(inbox.drain().count == 1)
    }
}

/// Counts calls from any thread.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() {
        count.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
}
