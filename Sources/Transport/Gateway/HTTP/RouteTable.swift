import HTTPTypes
import Hummingbird

/// The routes, and for every path of them the answer to the methods it does not have: 405, with those that it has.
struct RouteTable {
    typealias Handler = @Sendable (Request, GatewayContext) async throws -> Response

    static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect, HTTPRequest.Method("QUERY")!,
    ]

    private var routes: [(path: String, method: HTTPRequest.Method, handler: Handler)] = []

    mutating func get(_ path: String, _ handler: @escaping Handler) {
        routes.append((path, .get, handler))
        routes.append((path, .head, { try await handler($0, $1).createHeadResponse() }))
    }

    mutating func post(_ path: String, _ handler: @escaping Handler) { routes.append((path, .post, handler)) }
    mutating func put(_ path: String, _ handler: @escaping Handler) { routes.append((path, .put, handler)) }
    mutating func delete(_ path: String, _ handler: @escaping Handler) { routes.append((path, .delete, handler)) }

    func responder() -> RouterResponder<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        for route in routes { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
        for path in Set(routes.map(\.path)) {
            let allowed = Set(routes.filter { $0.path == path }.map(\.method))
            let list = Self.methods.filter(allowed.contains).map(\.rawValue).joined(separator: ", ")
            for method in Self.methods where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Problem(
                        .methodNotAllowed, code: "methodNotAllowed",
                        "\(method.rawValue) is not for this path; \(list) are",
                        headers: [.allow: list])
                }
            }
        }
        return router.buildResponder()
    }
}
