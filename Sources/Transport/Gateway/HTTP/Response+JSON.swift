import Domain
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Response {
    /// One JSON document.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONText) -> Void
    ) -> Response {
        var json = JSONText()
        write(&json)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    /// The empty message of a verb that has nothing to tell.
    static var emptyMessage: Response { .json { $0.object { _ in } } }

    /// An object with one list, sent in pieces while it is written: no answer is ever whole in memory.
    static func jsonList<Element: Sendable>(
        _ name: StaticString, _ elements: [Element], _ write: @escaping @Sendable (Element, inout JSONText) -> Void
    ) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody { writer in
                for piece in JSONListPieces(name, elements, write) { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }
}
