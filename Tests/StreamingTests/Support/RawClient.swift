import ByteText
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A connection whose every byte is a test's.
final class RawClient {
    struct Closed: Error {}

    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    var buffer = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    static func connect<Value: Sendable>(
        _ harness: StreamingHarness, tls: NIOSSLContext? = nil,
        _ body: @Sendable @escaping (RawClient) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: harness.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(RawClient(inbound, outbound))
        }
    }

    func send(_ bytes: ByteBuffer) async throws { try await outbound.write(bytes) }
    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// - Throws: ``Closed`` at the end.
    func readMore() async throws {
        guard var more = try await iterator.next() else { throw Closed() }
        buffer.writeBuffer(&more)
    }

    func readToEnd() async throws -> String {
        do { while true { try await readMore() } } catch is Closed {}
        return String(buffer: buffer)
    }

    /// Sends a request and reads the head of the answer.
    func request(_ method: String, _ path: String, _ headers: [(String, String)]) async throws -> String {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        try await send("\(method) \(path) HTTP/1.1\r\nHost: foreign.example\r\n\(lines)\r\n")
        while true {
            let text = String(buffer: buffer)
            if let (head, _) = text.cut(atText: "\r\n\r\n") {
                buffer.moveReaderIndex(forwardBy: head.utf8.count + 4)
                return String(head)
            }
            try await readMore()
        }
    }
}
