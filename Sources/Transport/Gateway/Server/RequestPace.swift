import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Bounds how long a request takes to arrive and how much it brings, whether or not anybody reads its body.
///
/// A connection whose request is not wholly there when it has been answered is of no more use: it is told so (`Connection: close`), and closes.
/// For a moment it still takes what the client sends: closing at once would take the answer from under a client that sends on.
final class RequestPace: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// More than who reads a body takes, so that it is there that most are refused.
    private static let mostBytes = RequestDocument.limits.maximumSize + 64 << 10
    private static let patience: TimeAmount = .seconds(30)
    private static let lingering: TimeAmount = .seconds(1)

    private var deadline: Scheduled<Void>?
    private var bytes = 0
    private var isArriving = false
    private var isLast = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isArriving = true
            bytes = 0
            deadline = close(context, in: Self.patience)
        case .body(let part):
            bytes += part.readableBytes
            if bytes > Self.mostBytes {
                deadline?.cancel()
                deadline = close(context, in: Self.lingering)
                bytes = .min
            }
            // Of what is too much nothing more is kept.
            if bytes < 0 { return }
        case .end:
            isArriving = false
            deadline?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isArriving { head.headerFields[.connection] = "close" }
            isLast = head.headerFields[.connection] == "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where isLast:
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
            deadline?.cancel()
            deadline = close(context, in: Self.lingering)
        case .body, .end: context.write(data, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    private func close(_ context: ChannelHandlerContext, in delay: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}
