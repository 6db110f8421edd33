import ByteText
import Domain
import HTTPTypes
import Hummingbird
import JSON
import RequestSyntax
import Streaming

/// Grants of sessions with a person at the other end: each is a ticket, with which the client comes to ``SessionDoor``.
struct SessionRoutes {
    let useCases: UseCases
    let sessions: GuestSessions
    private var lookup: IDLookup { IDLookup(useCases: useCases) }

    func add(to table: inout RouteTable) {
        table.get(SessionDoor.path) { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            throw Problem(
                .upgradeRequired, code: "upgradeRequired",
                "this is for a WebSocket (GET, HTTP/1.1, Upgrade: websocket) with a ticket among its subprotocols; POST to a container's or pod's sessions for one",
                headers: [.upgrade: "websocket", .connection: "Upgrade, close"])
        }
        table.post("/v1/containers/{container}/sessions/exec") { request, context in
            let message = try await Self.message(request)
            return try exec(message, try lookup.container(try context.pathParameter("container")))
        }
        table.post("/v1/containers/{container}/sessions/attach") { request, context in
            let message = try await Self.message(request)
            return try attach(message, try lookup.container(try context.pathParameter("container")))
        }
        table.post("/v1/pods/{pod}/sessions/portforward") { request, context in
            let message = try await Self.message(request)
            return try portForward(message, try lookup.pod(try context.pathParameter("pod")))
        }
    }

    /// The body is an `ExecRequest`.
    private func exec(_ message: JSON, _ id: ContainerID) throws -> Response {
        var reader = try MessageReader(message, at: FieldPath("", spelling: .json))
        let command = try CommandLine.parseFilled(try reader.strings("cmd"), at: reader.path.field("cmd"))
        let streams = try Self.streams(&reader)
        try check(&reader, "container_id", id.rawValue)
        return try answer(try useCases.exec.grant(command, in: id, streams: streams))
    }

    /// The body is an `AttachRequest`.
    private func attach(_ message: JSON, _ id: ContainerID) throws -> Response {
        var reader = try MessageReader(message, at: FieldPath("", spelling: .json))
        let streams = try Self.streams(&reader)
        try check(&reader, "container_id", id.rawValue)
        return try answer(try useCases.attach.grant(to: id, streams: streams))
    }

    /// The body is a `PortForwardRequest`.
    private func portForward(_ message: JSON, _ id: PodID) throws -> Response {
        var reader = try MessageReader(message, at: FieldPath("", spelling: .json))
        let ports = try Self.ports(&reader)
        try check(&reader, "pod_sandbox_id", id.rawValue)
        return try answer(try useCases.portForward.grant(into: id, ports: ports))
    }

    private static func message(_ request: Request) async throws -> JSON {
        _ = try QueryReader(request.uri.query, known: [])
        return try await RequestDocument.read(request)
    }

    private static func ports(_ reader: inout MessageReader) throws(DomainError) -> [UInt16] {
        let path = reader.path.field("port")
        guard case .array(let given)? = try reader.take("port"), (1...128).contains(given.count) else {
            throw path.invalid("must be a list of 1 to 128 ports")
        }
        return try path.each(given) { (json, path) throws(DomainError) in
            let number: UInt16 = try WholeNumber.parse(json, at: path)
            return try path.number(number, in: 1...UInt16.max)
        }
    }

    private static func streams(_ reader: inout MessageReader) throws(DomainError) -> SessionStreams {
        SessionStreams(
            stdin: try reader.bool("stdin"), stdout: try reader.bool("stdout"), stderr: try reader.bool("stderr"),
            terminal: try reader.bool("tty") ? .sized(nil) : .none)
    }

    /// A whole message of the CRI names its object, too; nothing else is left.
    private func check(_ reader: inout MessageReader, _ field: String, _ id: String) throws(DomainError) {
        let other = try reader.string(field)
        guard other.isEmpty || other == id else {
            throw reader.path.field(field).invalid("names another than the path")
        }
        try reader.finish()
    }

    private func answer(_ request: SessionRequest) throws -> Response {
        let ticket = try sessions.ticket(for: request)
        return .json(.created, headers: [.location: SessionDoor.path]) { json in
            json.object { $0.member("ticket", ticket) }
        }
    }
}
