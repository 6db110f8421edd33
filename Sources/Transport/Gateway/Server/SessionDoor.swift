import ByteText
import CallRecords
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import NIOCore
import NIOHTTP1
import Streaming

/// Lets a WebSocket in that comes for a session: its connection is the session's from there on, and no longer HTTP's.
///
/// The ticket is what a token is elsewhere. Host and Origin are judged as for every request, and a page of another site has no more luck here. All other
/// requests pass.
final class SessionDoor: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let path = "/v1/sessions"

    private enum State {
        case open
        /// The request's end is to come, and no body.
        case asked(HTTPRequestHead)
        case answered
    }

    private let responder: GatewayResponder
    private let connections: Connections
    private var state = State.open

    init(responder: GatewayResponder, connections: Connections) {
        self.responder = responder
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .open) where Self.isForSession(head): state = .asked(head)
        case (.body, .asked(let head)):
            refuse(context, head, Problem(.badRequest, code: "badRequest", "a request for a WebSocket has no body"))
        case (.end, .asked(let head)): answer(context, head)
        case (_, .open): context.fireChannelRead(data)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .open = state { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }

    private static func isForSession(_ head: HTTPRequestHead) -> Bool {
        let target = head.uri.cut(at: "?").map { $0.before } ?? Substring(head.uri)
        return target.isSame(as: path)
            && head.headers[canonicalForm: "upgrade"].contains { $0.isSameIgnoringCase(as: "websocket") }
    }

    private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        do throws(Problem) {
            try responder.checkSession(head)
            let agreed: SessionUpgrade
            switch responder.sessions.upgrade(head) {
            case .failure(let refusal): throw Problem(refusal)
            case .success(let upgrade): agreed = upgrade
            }
            connections.admit(context.channel)
            guard connections.client(of: context.channel).isAdmitted else { throw .tooManyConnections }
            connections.begin(context.channel)
            take(context, head, agreed)
        } catch {
            refuse(context, head, error)
        }
    }

    private func take(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ agreed: SessionUpgrade) {
        state = .answered
        responder.sessionAsked(head, .switchingProtocols, problem: nil)
        let answer = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: agreed.headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        do {
            // It would close what says nothing for a while.
            let patience = try context.pipeline.syncOperations.context(handlerType: HTTPConnectionStateHandler.self)
            try agreed.takeOver(context.channel, after: self, removing: [patience])
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ problem: Problem) {
        state = .answered
        responder.sessionAsked(head, problem.status, problem: problem)
        var json = JSONText()
        problem.write(&json, path: Self.path)
        var answer = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: problem.status.code))
        for field in problem.headers + GatewayResponder.guards {
            answer.headers.add(name: field.name.rawName, value: field.value)
        }
        answer.headers.add(name: "Content-Type", value: "application/problem+json")
        answer.headers.add(name: "Content-Length", value: "\(json.bytes.count)")
        answer.headers.add(name: "Cache-Control", value: "no-store")
        answer.headers.replaceOrAdd(name: "Connection", value: "close")
        let channel = context.channel
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: json.bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            // Closing at once would take the answer from under a client that sends on.
            let timer = channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in timer.cancel() }
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: SessionUpgrade.Refusal) {
        var headers: HTTPFields = [:]
        for (name, value) in refusal.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        self.init(
            HTTPResponse.Status(code: Int(refusal.status.code), reasonPhrase: refusal.status.reasonPhrase),
            code: "noSession", refusal.why, headers: headers)
    }
}

extension HTTPRequest {
    /// As the conversion for all other requests has it: the first Host is the authority.
    init(_ head: HTTPRequestHead) {
        var (fields, authority): (HTTPFields, String?) = ([:], nil)
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            if authority == nil, name.canonicalName.isSame(as: "host") {
                authority = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        self.init(
            method: .init(head.method.rawValue) ?? .get, scheme: "http", authority: authority, path: head.uri,
            headerFields: fields)
    }
}
