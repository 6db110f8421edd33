import ByteText
import Domain
import NIOCore
import NIOHTTP1

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
    private var state = State.head

    init(tickets: SingleUseTickets, services: SessionServices, upgraded: @escaping () -> Void) {
        self.tickets = tickets
        self.services = services
        self.upgraded = upgraded
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
        switch Negotiation(head, for: request.purpose) {
        case .refused(let status, let why, let headers):
            refuse(context, status, why, headers)
        case .spdy(let version, let headers):
            upgrade(context, headers) { [services] in Self.begin(request, overSPDY: version, $0, services) }
        case .tunnel(let headers):
            upgrade(context, headers) { [services] link in
                let socket = WebSocketConnection(link: link)
                link.user = socket
                let tunnel = WebSocketTunnel(socket)
                socket.user = tunnel
                Self.begin(request, overSPDY: .portForward, tunnel, services)
            }
        case .channels(let codec, let headers):
            if case .portForward(_, let ports) = request, !(1...ChannelPortForward.portLimit).contains(ports.count) {
                return refuse(
                    context, .badRequest,
                    "over a WebSocket's channels, 1 to \(ChannelPortForward.portLimit) ports must be named beforehand")
            }
            upgrade(context, headers) { [services] in Self.begin(request, overChannels: codec, $0, services) }
        }
    }

    // MARK: What it becomes

    private static func begin(
        _ request: SessionRequest, overSPDY version: SPDYProtocol, _ link: any Link, _ services: SessionServices
    ) {
        let spdy: SPDYSession
        do throws(SPDYError) { spdy = try SPDYSession(link: link) } catch { return link.abort() }
        link.user = spdy
        if case .portForward(let pod, _) = request {
            spdy.user = SPDYPortForward(pod: pod, over: spdy, services: services)
        } else if let grant = request.command {
            let client = SPDYCommandClient(grant, over: spdy, version: version, services: services)
            spdy.user = client
            client.begin()
        }
    }

    private static func begin(
        _ request: SessionRequest, overChannels codec: ChannelProtocol, _ link: any Link, _ services: SessionServices
    ) {
        let socket = WebSocketConnection(link: link)
        link.user = socket
        if case .portForward(let pod, let ports) = request {
            let client = ChannelPortForward(pod: pod, ports: ports, over: socket, codec: codec, services: services)
            socket.user = client
            client.begin()
        } else if let grant = request.command {
            let client = ChannelCommandClient(grant, over: socket, codec: codec, services: services)
            socket.user = client
            client.begin()
        }
    }

    private func upgrade(_ context: ChannelHandlerContext, _ headers: HTTPHeaders, _ begin: (SocketLink) -> Void) {
        state = .answered
        upgraded()
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let link = SocketLink(channel: context.channel)
        do {
            let pipeline = context.pipeline.syncOperations
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers([IdleStateHandler(allTimeout: services.times.idle), link])
            pipeline.removeHandler(context: encoder, promise: nil)
            pipeline.removeHandler(context: context, promise: nil)
            begin(link)
            link.flush()
            // Last: what came behind the request is given to the link.
            pipeline.removeHandler(context: decoder, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(
        _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ why: String, _ headers: HTTPHeaders = [:]
    ) {
        state = .answered
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

extension SessionRequest {
    var purpose: Negotiation.Purpose { if case .portForward = self { .portForward } else { .command } }

    var command: CommandGrant? {
        switch self {
        case .exec(let command, let container, let streams):
            CommandGrant(target: .exec(command, container), streams: streams)
        case .attach(let container, let streams): CommandGrant(target: .attach(container), streams: streams)
        case .portForward: nil
        }
    }
}
