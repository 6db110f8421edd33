import NIOCore

/// Closes the connection of a client that does not take what waits for it.
final class SlowReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// For some ten kilobytes, after what the kernel keeps: nobody who reads is as slow as that.
    private static let patience: TimeAmount = .seconds(60)
    private var deadline: Scheduled<Void>?

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadline?.cancel()
        if !context.channel.isWritable {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }
}
