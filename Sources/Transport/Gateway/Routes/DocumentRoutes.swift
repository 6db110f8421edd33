import HTTPTypes
import Hummingbird

/// What is served out of the binary: the page, and the description of the API.
struct DocumentRoutes {
    /// The page is one file: its own script and style, this daemon's data, and nothing else.
    private static let policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func add(to table: inout RouteTable) {
        table.get("/") { _, _ in
            var headers = HTTPFields()
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.contentSecurityPolicy] = Self.policy
            headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: .init(string: Documents.page)))
        }
        table.get("/openapi.yaml") { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            return Response(
                status: .ok, headers: [.contentType: "application/yaml"],
                body: .init(byteBuffer: .init(string: Documents.openAPI)))
        }
    }
}
