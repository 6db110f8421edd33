import NIOCore
import NIOHTTP1

/// Keeps a target that is no path (`http://other/v1/pods`, `other:443`) from being taken for one.
///
/// The conversion to HTTPTypes, which comes next, drops the scheme and host of such a target, and with them what has to be refused. What a
/// client sends to a server that is no proxy begins with a slash (RFC 9112 section 3.2.1).
final class TargetForm: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.uri.utf8.first != UInt8(ascii: "/") else {
            return context.fireChannelRead(data)
        }
        // Refused where every target is looked at (``RequestTarget``), in its turn.
        head.uri = "*"
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
