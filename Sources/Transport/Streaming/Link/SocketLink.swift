import NIOCore

/// The socket of a client.
final class SocketLink: ChannelDuplexHandler, Link {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a client that has everything may take to close its side. Closing ours before would make the kernel throw away what it has not
    /// read, were there something that we have not read.
    private static let lingering: TimeAmount = .seconds(60)

    let eventLoop: any EventLoop
    private let channel: any Channel
    private var context: ChannelHandlerContext?
    private var isReadWanted = false
    private var isEnded = false
    private var isFarewell: (ByteBuffer) -> Bool = { _ in false }
    /// As long as the channel has it: those who speak over it live as long.
    var user: (any LinkUser)?

    init(channel: any Channel) {
        self.channel = channel
        eventLoop = channel.eventLoop
    }

    var isWritable: Bool { channel.isWritable }

    var isReading = true {
        didSet {
            guard isReading, isReadWanted else { return }
            isReadWanted = false
            context?.read()
        }
    }

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    func finish(patience: TimeAmount, isFarewell: @escaping (ByteBuffer) -> Bool) {
        guard !isEnded, let context else { return }
        self.isFarewell = isFarewell
        isEnded = true
        user = nil
        // Whoever does not take the rest is not listened to.
        isReading = false
        let written = eventLoop.makePromise(of: Void.self)
        let channel = channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            guard case .success = result else { return channel.close(promise: nil) }
            isReading = true
            let end = { @Sendable () -> Void in channel.close(mode: .output, promise: nil) }
            let timers = [
                channel.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) },
                channel.eventLoop.scheduleTask(in: patience, end),
            ]
            channel.closeFuture.whenComplete { _ in for timer in timers { timer.cancel() } }
        }
    }

    func abort() {
        isEnded = true
        user = nil
        channel.close(promise: nil)
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { isReadWanted = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let user { user.received(bytes) } else if isFarewell(bytes) { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        user?.receivedAll()
        context.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard isWritable else { return }
        user?.becameWritable()
        context.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        isEnded = true
        isFarewell = { _ in false }
        let user = user
        self.user = nil
        user?.ended()
    }
}
