import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Synchronization

/// A whole list in pieces, written once per change: people and dashboards ask for the same thousand items again and again.
final class KnownList<Element: Sendable>: Sendable {
    private struct Written {
        /// Of the index, read before the list was.
        var version: UInt64
        var pieces: [ByteBuffer]
    }

    private let written = Mutex(Written?.none)

    /// The response with all elements.
    ///
    /// - Parameters:
    ///   - version: of the index, read before.
    ///   - elements: reads the list, in its order; called when the version is another one.
    func response(
        _ name: StaticString, version: UInt64, _ elements: () -> [Element],
        _ write: @escaping (Element, inout JSONText) -> Void
    ) -> Response {
        // Versions only rise: a call that was overtaken gets the newer list.
        let pieces = written.withLock { written in
            if let written, written.version >= version { return written.pieces }
            let pieces = Array(JSONListPieces(name, elements(), write))
            written = Written(version: version, pieces: pieces)
            return pieces
        }
        let length = pieces.reduce(0) { $0 + $1.readableBytes }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(contentLength: length) { writer in
                for piece in pieces { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }
}
