import GRPCCore
import Glibc
import NIOPosix
import Testing

@testable import GRPCTransport

@Suite("The transport's life", .timeLimit(.minutes(10)))
struct TransportTests {
    private func temporaryPath() throws -> UnixSocketPath {
        var template = Array("/tmp/transport-test-XXXXXX".utf8CString)
        let directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        return try UnixSocketPath(try #require(directory) + "/s.sock")
    }

    private func remove(_ path: UnixSocketPath) {
        unlink(path.path)
        for directory in path.parents.dropFirst() { rmdir(directory) }
    }

    @Test("listens, tells its address, stops, and removes its file")
    func life() async throws {
        let path = try temporaryPath()
        defer { remove(path) }
        let transport = NGHTTP2ServerTransport(listener: .unix(path: path))
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await transport.listen { _, _ in } }
            let address = try await transport.listeningAddress
            #expect(address == "unix://\(path.path)")
            #expect(access(path.path, F_OK) == 0)
            transport.beginGracefulShutdown()
        }
        #expect(access(path.path, F_OK) != 0)
        #expect(transport.activity == TransportActivity(connections: 0, streams: 0, runningRPCs: 0))
    }

    @Test("ends when its task is cancelled")
    func cancellation() async throws {
        let path = try temporaryPath()
        defer { remove(path) }
        let transport = NGHTTP2ServerTransport(listener: .unix(path: path))
        let task = Task { try await transport.listen { _, _ in } }
        _ = try await transport.listeningAddress
        task.cancel()
        try await task.value
        #expect(access(path.path, F_OK) != 0)
    }

    @Test("does not start twice, nor after it was stopped")
    func restart() async throws {
        let path = try temporaryPath()
        defer { remove(path) }
        let transport = NGHTTP2ServerTransport(listener: .unix(path: path))
        transport.beginGracefulShutdown()
        await #expect(throws: ListenError.self) { try await transport.listen { _, _ in } }
        await #expect(throws: ListenError.self) { try await transport.listeningAddress }
    }

    @Test("says what made listening fail")
    func failure() async throws {
        let transport = NGHTTP2ServerTransport(listener: .unix(path: try UnixSocketPath("/dev/null/s.sock")))
        await #expect(throws: ListenError.self) { try await transport.listen { _, _ in } }
        let error = await #expect(throws: ListenError.self) { try await transport.listeningAddress }
        #expect(error?.description.contains("/dev/null/s.sock") == true)
    }
}
