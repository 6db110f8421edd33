import GRPCCore
import Glibc
import NIOCore
import Testing

@testable import GRPCTransport

@Suite("As many connections as there may be", .timeLimit(.minutes(10)))
struct FullHouseTests {
    @Test("give way to the next: the silent one, then the one without a call for longest, never one with a call")
    func givingWay() async throws {
        try await withServer(connections: 3) { path, calls in
            let busy = try RawConnection(path)
            try busy.greet()
            try busy.call("/test.Hold/Hold")
            var begun = calls.makeAsyncIterator()
            await begun.next()
            let idle = try RawConnection(path)
            try idle.greet()
            let silent = try RawConnection(path)
            #expect(silent.frame()?.type == RawConnection.settings)

            let third = try RawConnection(path)
            try third.greet()
            #expect(!silent.remains(), "who has not said a word is closed")
            #expect(try idle.isServed(), "who was greeted stays")

            let fourth = try RawConnection(path)
            try fourth.greet()
            #expect(!idle.remains(), "who is without a call for longest is closed")
            #expect(try third.isServed() && fourth.isServed() && busy.isServed())
        }
    }

    @Test("refuse the next only if all have calls")
    func allBusy() async throws {
        try await withServer(connections: 2) { path, calls in
            let busy = try (0..<2).map { _ in try RawConnection(path) }
            var begun = calls.makeAsyncIterator()
            for connection in busy {
                try connection.greet()
                try connection.call("/test.Hold/Hold")
                await begun.next()
            }
            #expect(try RawConnection(path).frame() == nil)
            for connection in busy { #expect(try connection.isServed()) }
        }
    }

    @Test("rank by their handshake, then by how long they have been without a call")
    func ranks() {
        func rank(_ second: UInt64, isReady: Bool, isBusy: Bool = false) -> ConnectionActivity.Rank? {
            let activity = ConnectionActivity(now: .uptimeNanoseconds(0))
            activity.note(isReady: isReady, isBusy: !isBusy, now: .uptimeNanoseconds(1))
            activity.note(isReady: isReady, isBusy: isBusy, now: .uptimeNanoseconds(second))
            activity.note(isReady: isReady, isBusy: isBusy, now: .uptimeNanoseconds(1_000))
            return activity.rank
        }
        let inOrder = [
            rank(5, isReady: false), rank(9, isReady: false), rank(2, isReady: true), rank(3, isReady: true),
        ]
        let ranks = inOrder.compactMap { $0 }
        #expect(ranks.count == 4 && ranks.sorted() == ranks && ranks.reversed().sorted() == ranks)
        #expect(rank(2, isReady: true, isBusy: true) == nil)
    }

    private func withServer(
        connections: Int, _ body: (_ path: String, _ calls: AsyncStream<Void>) async throws -> Void
    ) async throws {
        var template = Array("/tmp/full-house-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        let directory = try #require(made)
        defer { rmdir(directory) }
        var configuration = TransportConfiguration()
        configuration.limits.maxConnections = connections
        let transport = NGHTTP2ServerTransport(
            listener: .unix(path: try UnixSocketPath(directory + "/s")), configuration: configuration)
        let (calls, begun) = AsyncStream<Void>.makeStream()
        let server = GRPCServer(transport: transport, services: [HoldService(begun: begun)])
        let task = Task { try await server.serve() }
        _ = try await transport.listeningAddress
        do {
            try await body(directory + "/s", calls)
        } catch {
            task.cancel()
            _ = await task.result
            throw error
        }
        task.cancel()
        _ = await task.result
    }
}

/// A method that answers when its call is cancelled.
private struct HoldService: RegistrableRPCService {
    let begun: AsyncStream<Void>.Continuation

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(
                fullyQualifiedService: "test.Hold", method: "Hold", type: .bidirectionalStreaming),
            deserializer: Bytes(), serializer: Bytes()
        ) { _, _ in
            StreamingServerResponse { _ in
                begun.yield()
                let (never, end) = AsyncStream<Void>.makeStream()
                defer { end.finish() }
                await withRPCCancellationHandler {
                    for await _ in never {}
                } onCancelRPC: {
                    end.finish()
                }
                return [:]
            }
        }
    }

    private struct Bytes: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
            bytes.withUnsafeBytes { Array($0) }
        }
    }
}
