import ByteText
import CallRecords
import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Streaming

/// Everything around a route: what may not come in at all, cancellation when the client goes, errors as problem documents, counts, records.
package struct GatewayResponder: HTTPResponder {
    package typealias Context = GatewayContext

    let routes: RouterResponder<GatewayContext>
    let access: AccessPolicy
    let counters: RequestCounters
    let recorder: CallRecorder
    let sessions: GuestSessions
    let isServing: @Sendable () -> Bool

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let start = ContinuousClock.now
        let call = GatewayCall(request, recorder)
        var problem: Problem?
        var context = context
        var response: Response
        do {
            try RequestTarget.check(request.head.path ?? "")
            context.standing = try access.check(request.head)
            try checkPlace(request.uri.path, context)
            try checkServing(request.uri.path)
            response = try await RecordedCall.$current.withValue(call.record) { [context] in
                try await context.client.run { try await routes.respond(to: request, context: context) }
            }
            // Hummingbird's own answer has no body.
            if context.isLost { throw Self.noSuchPath(request.method) }
        } catch {
            let refusal = Problem(any: error)
            problem = refusal
            if refusal.status.code == 500 { context.logger.error("request failed", metadata: ["error": "\(error)"]) }
            response = refusal.response(to: request.uri.path)
            if request.method == .head { response = response.createHeadResponse() }
        }
        // A stranger's place is needed for the next one.
        if !access.isSocket, context.standing == .stranger { response.headers[.connection] = "close" }
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        for field in Self.guards { response.headers[field.name] = field.value }
        call.ended(
            response.status, problem, route: context.isLost ? nil : context.endpointPath,
            isKnown: context.standing == .trusted)
        counters.finished(
            route: context.isLost ? "none" : context.endpointPath ?? "none", method: request.method,
            status: response.status, ContinuousClock.now - start)
        return response
    }

    /// Of every answer: a browser takes it for what it is called, and hands it to no other site.
    static let guards: HTTPFields = [.xContentTypeOptions: "nosniff", .crossOriginResourcePolicy: "same-origin"]

    private static func noSuchPath(_ method: HTTPRequest.Method) -> Problem {
        guard RouteTable.methods.contains(method) else {
            return Problem(.notImplemented, code: "unknownMethod", "there is no such method here")
        }
        return Problem(.notFound, code: "noSuchPath", "there is nothing here; GET /openapi.yaml says what there is")
    }

    /// Every guest is busy: that is very many.
    private func checkPlace(_ path: String, _ context: GatewayContext) throws(Problem) {
        guard context.standing == .trusted, !context.client.isAdmitted, !AccessPolicy.openPaths.contains(path) else {
            return
        }
        throw .tooManyConnections
    }

    // MARK: What comes for a session (SessionDoor)

    /// - Throws: what would be thrown for any other request, but for the token's absence.
    func checkSession(_ head: HTTPRequestHead) throws(Problem) {
        try RequestTarget.check(head.uri)
        try access.checkCompany(HTTPRequest(head))
        guard head.uri.isSame(as: SessionDoor.path) else {
            throw Problem(.badRequest, code: "invalidArgument", "\(SessionDoor.path) has no query: the ticket says all")
        }
        try checkServing(SessionDoor.path)
    }

    /// Counts it, and keeps it for the record.
    func sessionAsked(_ head: HTTPRequestHead, _ status: HTTPResponse.Status, problem: Problem?) {
        let request = HTTPRequest(head)
        let call = GatewayCall(Request(head: request, body: RequestBody(buffer: ByteBuffer())), recorder)
        call.ended(status, problem, route: SessionDoor.path, isKnown: problem == nil)
        counters.finished(route: SessionDoor.path, method: request.method, status: status, .zero)
    }

    /// Health, metrics and documents are there from the first moment; pods once they are known.
    private func checkServing(_ path: String) throws(Problem) {
        guard path.begins(with: "/v1/"), path != "/v1/version", !isServing() else { return }
        throw Problem(
            .serviceUnavailable, code: "unavailable", "rktlet is starting: it reads which pods there are; try again",
            headers: [.retryAfter: "1"])
    }
}

extension Problem {
    static var tooManyConnections: Problem {
        Problem(
            .serviceUnavailable, code: "tooManyConnections", "too many requests are being answered; try again",
            headers: [.retryAfter: "1", .connection: "close"])
    }
}
