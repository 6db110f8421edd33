import NIOCore
import NIOHTTPTypes

/// Tells ``Connections`` who may stay, as soon as a request's head is there and before anybody works on it.
final class Doorkeeper: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let access: AccessPolicy
    private let connections: Connections

    init(access: AccessPolicy, connections: Connections) {
        self.access = access
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), (try? access.check(head)) == .trusted {
            connections.admit(context.channel)
        }
        context.fireChannelRead(data)
    }
}
