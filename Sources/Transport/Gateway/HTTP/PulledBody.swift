import Hummingbird
import NIOCore
import ServiceLifecycle

/// A body whose pieces come one after the other, each when the one before was sent: nothing piles up for a slow client. It ends with the
/// sequence, when the client goes, and when the daemon stops. Its place is taken as long.
enum PulledBody {
    static func make(
        _ pieces: @escaping @Sendable () async throws -> AsyncThrowingStream<ByteBuffer, any Error>,
        to client: ClientPresence, holding place: StreamPlace
    ) -> ResponseBody {
        ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            let (sent, send) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
            let (wanted, want) = AsyncStream.makeStream(of: Void.self)
            let watch = client.watch { send.finish() }
            defer { client.forget(watch) }
            try await withGracefulShutdownHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await feed(pieces, wanted, send) }
                    want.yield()
                    for try await piece in sent {
                        try await writer.write(piece)
                        want.yield()
                    }
                    group.cancelAll()
                }
            } onGracefulShutdown: {
                send.finish()
            }
            try await writer.finish(nil)
        }
    }

    private static func feed(
        _ pieces: @Sendable () async throws -> AsyncThrowingStream<ByteBuffer, any Error>, _ wanted: AsyncStream<Void>,
        _ send: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    ) async {
        do {
            var iterator = try await pieces().makeAsyncIterator()
            for await _ in wanted {
                guard let piece = try await iterator.next() else { break }
                send.yield(piece)
            }
            send.finish()
        } catch {
            send.finish(throwing: error)
        }
    }
}
