import Domain
import DomainFakes
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import NIOCore
import Synchronization

@testable import Gateway

/// A gateway on a node in memory, asked through its router.
struct GatewayHarness: Sendable {
    let node: FakeNode
    let useCases: UseCases
    let client: any TestClientProtocol

    /// - Parameter isServing: false while the daemon starts.
    static func run(
        access: AccessPolicy = .socket, isServing: Bool = true,
        _ body: @escaping @Sendable (GatewayHarness) async throws -> Void
    ) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        let gateway = Gateway(
            useCases: useCases, access: access, now: { node.wallClock.now() }, isServing: { isServing })
        let app = Application(
            responder: gateway.responder, services: [gateway.hub],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await app.test(.router) { client in
            try await body(GatewayHarness(node: node, useCases: useCases, client: client))
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
        headers: HTTPFields = [.contentType: "application/json"]
    ) async throws -> Answer {
        try await client.execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        {
            Answer(status: $0.status.code, headers: $0.headers, text: String(buffer: $0.body))
        }
    }

    func pod(_ name: String = "web") async throws -> PodID { try await useCases.runPodSandbox(.fake(name)) }

    /// A container that runs.
    func container(_ name: String = "main", in pod: PodID) async throws -> ContainerID {
        let id = try await useCases.createContainer(.fake(name), in: pod)
        try await useCases.startContainer(id)
        return id
    }
}
