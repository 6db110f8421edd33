import CallRecords
import Domain
import DomainFakes
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOEmbedded
import ServiceLifecycle
import Synchronization

@testable import Gateway

/// A gateway on a node in memory, asked through its responder, without a connection.
struct GatewayHarness: Sendable {
    let node: FakeNode
    let useCases: UseCases
    let responder: GatewayResponder
    /// Sent with every request that brings none.
    var token: String?

    /// - Parameters:
    ///   - token: sent with every request that brings none.
    ///   - isServing: false while the daemon starts.
    static func run(
        access: AccessPolicy = .socket, token: String? = nil, isServing: Bool = true,
        _ body: @escaping @Sendable (GatewayHarness) async throws -> Void
    ) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        // On a busy machine no call is quick, and none is to be told for that.
        var limits = CallRecorder.Limits()
        limits.quick = .seconds(3600)
        let gateway = Gateway(
            useCases: useCases, now: { node.wallClock.now() }, recorder: CallRecorder(limits: limits),
            isServing: { isServing })
        let (started, whenStarted) = AsyncStream.makeStream(of: Never.self)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: gateway.hub), .init(service: Started(whenStarted: whenStarted))],
                logger: silent))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            for await _ in started {}
            do {
                try await body(
                    GatewayHarness(node: node, useCases: useCases, responder: gateway.responder(access), token: token))
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Tells when the services before it run.
    private struct Started: Service {
        let whenStarted: AsyncStream<Never>.Continuation

        func run() async throws {
            whenStarted.finish()
            try await gracefulShutdown()
        }
    }

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var text: String
        var json: JSON { (try? JSON(parsing: text)) ?? .null }
        var detail: String { json["detail"]?.stringValue ?? "" }
        var code: String { json["code"]?.stringValue ?? "" }
    }

    func ask(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil,
        headers: HTTPFields = [.contentType: "application/json"], host: String? = "localhost"
    ) async throws -> Answer {
        let (response, text) = try await respond(method, uri, body, headers: headers, host: host)
        return Answer(status: response.status.code, headers: response.headers, text: text)
    }

    /// The same, with the response still held.
    func respond(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, headers: HTTPFields, host: String?
    ) async throws -> (Response, String) {
        let response = try await begin(method, uri, body, headers: headers, host: host)
        let text = CollectedBody()
        try await response.body.write(text)
        return (response, String(buffer: text.bytes))
    }

    /// The response, of whose body nothing is taken yet.
    func begin(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, headers: HTTPFields = [:],
        host: String? = "localhost"
    ) async throws -> Response {
        var headers = headers
        if let token, headers[.authorization] == nil { headers[.authorization] = "Bearer " + token }
        if let body { headers[.contentLength] = String(body.utf8.count) }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: host, path: uri, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body ?? "")))
        let context = GatewayContext(
            source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: Self.silent))
        return try await responder.respond(to: request, context: context)
    }

    /// A response's body as it is written.
    private final class CollectedBody: ResponseBodyWriter, Sendable {
        private let collected = Mutex(ByteBuffer())

        var bytes: ByteBuffer { collected.withLock { $0 } }

        func write(_ buffer: ByteBuffer) { collected.withLock { _ = $0.writeImmutableBuffer(buffer) } }

        func finish(_ trailingHeaders: HTTPFields?) {}
    }

    func pod(_ name: String = "web") async throws -> PodID { try await useCases.runPodSandbox(.fake(name)) }

    /// A container that runs.
    func container(_ name: String = "main", in pod: PodID) async throws -> ContainerID {
        let id = try await useCases.createContainer(.fake(name), in: pod)
        try await useCases.startContainer(id)
        return id
    }
}
