import Domain
import NIOCore
import NIOHTTP1

/// A client and a server have agreed on how a session that was granted is to be spoken.
package struct SessionUpgrade {
    /// Why they have not.
    package struct Refusal: Error {
        package let status: HTTPResponseStatus
        package let why: String
        package let headers: HTTPHeaders
    }

    /// Of the answer with 101.
    package let headers: HTTPHeaders
    private let idle: TimeAmount
    private let begin: (SocketLink) -> Void

    /// - Parameter endsPorts: see ``Negotiation``.
    static func agree(
        _ head: HTTPRequestHead, on request: SessionRequest, _ services: SessionServices, endsPorts: Bool = false
    ) -> Result<SessionUpgrade, Refusal> {
        func upgrade(_ headers: HTTPHeaders, _ begin: @escaping (SocketLink) -> Void) -> Result<SessionUpgrade, Refusal>
        {
            .success(SessionUpgrade(headers: headers, idle: services.times.idle, begin: begin))
        }
        switch Negotiation(head, for: request.purpose, endsPorts: endsPorts) {
        case .refused(let status, let why, let headers):
            return .failure(Refusal(status: status, why: why, headers: headers))
        case .spdy(let version, let headers):
            return upgrade(headers) { begin(request, overSPDY: version, $0, services) }
        case .tunnel(let headers):
            return upgrade(headers) { link in
                let socket = WebSocketConnection(link: link)
                link.user = socket
                let tunnel = WebSocketTunnel(socket)
                socket.user = tunnel
                begin(request, overSPDY: .portForward, tunnel, services)
            }
        case .channels(let codec, let headers):
            if case .portForward(_, let ports) = request, !(1...ChannelPortForward.portLimit).contains(ports.count) {
                let why =
                    "over a WebSocket's channels, 1 to \(ChannelPortForward.portLimit) ports must be named beforehand"
                return .failure(Refusal(status: .badRequest, why: why, headers: [:]))
            }
            return upgrade(headers) { begin(request, overChannels: codec, $0, services) }
        }
    }

    /// Has the connection be the session's and no longer HTTP's, once the answer was written.
    ///
    /// - Parameters:
    ///   - handler: behind which the session is put; it goes.
    ///   - others: what else goes. Handlers behind the session that stay hear of nothing but the connection's end.
    package func takeOver(
        _ channel: any Channel, after handler: any RemovableChannelHandler,
        removing others: [ChannelHandlerContext]
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let link = SocketLink(channel: channel)
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let last = try pipeline.context(handler: handler)
        try pipeline.addHandlers([IdleStateHandler(allTimeout: idle), link], position: .after(handler))
        for context in [encoder, last] + others { pipeline.removeHandler(context: context, promise: nil) }
        begin(link)
        link.flush()
        // Last: what came behind the request is given to the link.
        pipeline.removeHandler(context: decoder, promise: nil)
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
