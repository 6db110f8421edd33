import ByteText
import Domain
import NIOCore
import NIOHTTP1
import NIOSSL

/// The first and only request of a connection: its token is used up, and the connection becomes what the client asked for, or ends with the reason
/// why not.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case head
        case body(HTTPRequestHead)
        case answered
    }

    private let tickets: SingleUseTickets
    private let services: SessionServices
    /// The connection has become a session.
    private let upgraded: () -> Void
    /// The request was refused.
    private let refused: () -> Void
    private var state = State.head

    init(
        tickets: SingleUseTickets, services: SessionServices, upgraded: @escaping () -> Void,
        refused: @escaping () -> Void
    ) {
        self.tickets = tickets
        self.services = services
        self.upgraded = upgraded
        self.refused = refused
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .head):
            state = .body(head)
        case (.body, .body):
            refuse(context, .badRequest, "the request must have no body")
        case (.end, .body(let head)):
            answer(context, head)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .answered = state { return context.close(promise: nil) }
        // Whoever speaks no TLS, or has no certificate that is good here, understands nothing that we could say.
        if error is NIOSSLError || error is NIOSSLExtraError { return context.close(promise: nil) }
        refuse(context, .badRequest, "the request is not HTTP/1.1, or its head is too long")
    }

    private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let path = head.uri.cut(at: "?").map { $0.before } ?? Substring(head.uri)
        let purposes = ["exec", "attach", "portforward"]
        let parts = path.pieces(at: "/", maxPieces: 4)
        guard parts.count == 3, parts[0].isEmpty, purposes.has(parts[1]) else {
            return refuse(context, .notFound, "there is nothing here")
        }
        guard head.method == .GET || head.method == .POST else {
            return refuse(context, .methodNotAllowed, "the method must be GET or POST", ["Allow": "GET, POST"])
        }
        guard let request = tickets.redeem(path) else {
            return refuse(
                context, .notFound, "the token is unknown, was used already, or has expired: ask for a new one")
        }
        switch SessionUpgrade.agree(head, on: request, services) {
        case .failure(let refusal): refuse(context, refusal.status, refusal.why, refusal.headers)
        case .success(let agreed): upgrade(context, agreed)
        }
    }

    private func upgrade(_ context: ChannelHandlerContext, _ agreed: SessionUpgrade) {
        state = .answered
        upgraded()
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: agreed.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        do {
            try agreed.takeOver(context.channel, after: self, removing: [])
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(
        _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ why: String, _ headers: HTTPHeaders = [:]
    ) {
        state = .answered
        refused()
        var head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        let text = ByteBuffer(string: why + "\n")
        head.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        head.headers.add(name: "Content-Length", value: "\(text.readableBytes)")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(text))), promise: nil)
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        // What the client has sent beside it is read on, or the kernel would throw the answer away with it.
        written.futureResult.whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            let timer = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in timer.cancel() }
        }
    }
}
