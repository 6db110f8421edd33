import NIOCore
import NIOPosix

/// One descriptor of a session's, on the event loop of its client: a pipe's end, a side of a terminal, a socket.
///
/// Nothing is read unless its owner has room, and what is written is counted until it is gone.
final class Descriptor: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Kind {
        case reader, writer
        /// A connected socket; its two directions end each by itself.
        case socket
    }

    private let kind: Kind
    private var channel: (any Channel)?
    private var context: ChannelHandlerContext?
    private var isReadWanted = false
    private var isOutputEnding = false
    private var isReadEnded = false
    private(set) var isOver = false
    /// Bytes that were written and are not gone.
    private(set) var pending = 0

    /// Whether its owner has room for more.
    var mayRead: () -> Bool = { false }
    var onBytes: (ByteBuffer) -> Void = { _ in }
    var onReadAll: () -> Void = {}
    /// There is no more to read.
    var onEnd: () -> Void = {}
    /// So many of the bytes that were written are gone.
    var onWritten: (Int) -> Void = { _ in }
    /// Nothing can be written or read any more.
    var onOver: ((any Error)?) -> Void = { _ in }
    private var failure: (any Error)?

    init(_ kind: Kind) { self.kind = kind }

    /// Takes the descriptor over; it is closed with this, also when it fails.
    ///
    /// - Parameter ready: called on the loop, with the error if it could not be taken.
    func open(_ descriptor: Int32, on eventLoop: any EventLoop, ready: @escaping ((any Error)?) -> Void) {
        let opened: EventLoopFuture<any Channel>
        switch kind {
        case .reader:
            opened = Self.pipes(eventLoop).takingOwnershipOfDescriptor(input: descriptor)
        case .writer:
            opened = Self.pipes(eventLoop).takingOwnershipOfDescriptor(output: descriptor)
        case .socket:
            opened = ClientBootstrap(group: eventLoop).channelOption(.autoRead, value: false)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.maxMessagesPerRead, value: 4)
                .withConnectedSocket(descriptor)
        }
        opened.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel):
                self.channel = channel
                do {
                    try channel.pipeline.syncOperations.addHandler(self)
                    ready(nil)
                } catch {
                    channel.close(promise: nil)
                    ready(error)
                }
            case .failure(let error):
                closeDescriptor(descriptor)
                isOver = true
                ready(error)
            }
        }
    }

    private static func pipes(_ eventLoop: any EventLoop) -> NIOPipeBootstrap {
        NIOPipeBootstrap(group: eventLoop).channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 4)
    }

    /// Reads, if there is room for it.
    func resume() {
        guard isReadWanted, mayRead() else { return }
        isReadWanted = false
        context?.read()
    }

    func write(_ bytes: ByteBuffer) {
        let count = bytes.readableBytes
        guard let context, !isOver, !isOutputEnding else { return onWritten(count) }
        pending += count
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            pending -= count
            onWritten(count)
            if isOutputEnding && pending == 0 { closeOutput() }
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }

    /// No more is written: once all is gone, the other side sees the end.
    func endOutput() {
        guard !isOutputEnding else { return }
        isOutputEnding = true
        if pending == 0 { closeOutput() }
    }

    func close() { channel?.close(promise: nil) }

    private func closeOutput() {
        guard let channel, !isOver else { return }
        // A pipe's other direction is another descriptor; of a socket whose reading has ended nothing is left.
        let mode: CloseMode = kind == .socket && !isReadEnded ? .output : .all
        channel.close(mode: mode, promise: nil)
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isReadWanted = true
        if !context.channel.isActive { end(nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(nil)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onBytes(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        onReadAll()
        isReadWanted = true
        resume()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        endReading()
        if isOutputEnding && pending == 0 { channel?.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { end(failure) }

    private func endReading() {
        guard !isReadEnded else { return }
        isReadEnded = true
        onEnd()
    }

    private func end(_ error: (any Error)?) {
        guard !isOver else { return }
        isOver = true
        endReading()
        onOver(error)
        // They hold their owner, which holds this.
        (mayRead, onBytes, onReadAll, onEnd, onOver) = ({ false }, { _ in }, {}, {}, { _ in })
    }
}
