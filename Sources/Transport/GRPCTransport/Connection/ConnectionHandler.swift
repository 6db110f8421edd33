import GRPCCore
import HTTP2
import NIOCore

/// Drives one nghttp2 session on one channel. Everything here happens on the channel's event loop.
///
/// Bytes from the channel go into the session and its events become RPCs; notices from the RPCs' tasks become commands
/// to the session and its bytes go to the channel, as long as that is writable. While it is not, nothing is read
/// either: a client that does not read can make the server work no further.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes given to the channel at once.
    private static let outputChunk = 256 * 1024

    let environment: ConnectionEnvironment
    let memory = ConnectionMemory()
    var watch: ConnectionWatch
    var context: ChannelHandlerContext?
    var session: ServerSession?
    var inbox: ConnectionInbox?
    var streams: [StreamID: RPCStreamState] = [:]
    /// Streams whose client has more to say.
    var openRequests: Set<StreamID> = []
    var runningRPCs = 0
    /// Responses that are written and not sent.
    let responseMemory: ConnectionMemory
    /// What its process takes of what all share.
    let share: PeerShare
    /// When any response last made way.
    var lastProgress: NIODeadline
    var hasSentLastGoAway = false
    var isClosingWhenFlushed = false
    private var isPumping = false
    private var isReading = false
    private var isReadHeldBack = false
    private var pendingWrites = 0
    private var clock: Scheduled<Void>?
    private var goodbye: Scheduled<Void>?

    private let activity: ConnectionActivity

    init(environment: ConnectionEnvironment, activity: ConnectionActivity, share: PeerShare) {
        self.environment = environment
        self.share = share
        self.responseMemory = ConnectionMemory(within: share.responses)
        self.activity = activity
        self.watch = ConnectionWatch(limits: environment.configuration.limits, now: .now())
        self.lastProgress = .now()
    }

    // MARK: The channel's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        environment.counters.connections.wrappingAdd(1, ordering: .relaxed)
        let loop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: loop)
        inbox = ConnectionInbox {
            loop.execute { handler.value.noticesArrived() }
        }
        do {
            session = try ServerSession(configuration: environment.configuration.session, now: .now())
        } catch {
            close(reason: "\(error)")
            return
        }
        scheduleClock(loop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        tearDown(RPCError(code: .unavailable, message: "the client's connection is lost"))
        environment.counters.connections.wrappingSubtract(1, ordering: .relaxed)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        pump()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        tearDown(RPCError(code: .unavailable, message: "the client's connection is lost"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(reason: "\(error)")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { beginDraining() }
        context.fireUserInboundEventTriggered(event)
    }

    private func tearDown(_ error: RPCError) {
        clock?.cancel()
        clock = nil
        goodbye?.cancel()
        goodbye = nil
        inbox?.close()
        inbox = nil
        session = nil
        for id in Array(streams.keys) { forget(id)?.abandon(error, .clientGone) }
        openRequests = []
    }

    /// Ends the connection at once.
    func close(reason: String) {
        guard let context else { return }
        environment.configuration.report(.connectionEnded(reason))
        session = nil
        context.close(promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session, !isClosingWhenFlushed else { return }
        isReading = true
        let now = NIODeadline.now()
        watch.read(now: now)
        // What has ended in the meantime makes way for what comes now.
        takeNotices()
        do {
            try session.receive(unwrapInboundIn(data), now: now)
            handleEvents()
        } catch {
            handleEvents()
            fail(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        pump()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        // Nothing that still comes would be looked at.
        guard !isClosingWhenFlushed else { return }
        if context.channel.isWritable {
            context.read()
        } else {
            isReadHeldBack = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        if context.channel.isWritable, isReadHeldBack {
            isReadHeldBack = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    /// The session cannot go on: the client gets the GOAWAY that says so, if it still reads.
    private func fail(_ error: SessionError) {
        environment.configuration.report(.connectionEnded("\(error)"))
        endSoon()
        isReading = false
        pump()
    }

    /// The connection closes as soon as the last words have found room in the socket; soon in any case. Meanwhile nothing is read.
    func endSoon() {
        guard let context, !isClosingWhenFlushed else { return }
        isClosingWhenFlushed = true
        goodbye = context.eventLoop.assumeIsolated().scheduleTask(in: environment.configuration.limits.goodbyeTimeout) {
            self.close(reason: "the client does not take its last words")
        }
    }

    // MARK: Writing

    /// Moves bytes from the session to the channel until either has enough.
    func pump() {
        guard !isPumping, !isReading, let context else { return }
        isPumping = true
        defer { isPumping = false }
        do {
            while try moveOutput(context) {}
        } catch {
            close(reason: "\(error)")
            return
        }
        noteActivity()
        closeIfDone()
    }

    /// Tells whether this connection could be missed.
    func noteActivity() {
        activity.note(isReady: watch.isReady, isBusy: isBusy, now: .now())
    }

    private var isBusy: Bool { !streams.isEmpty || runningRPCs > 0 }

    /// False when there is nothing more to move for now.
    private func moveOutput(_ context: ChannelHandlerContext) throws(SessionError) -> Bool {
        var hasWritten = false
        handleEvents()
        while context.channel.isWritable, let session, let bytes = try session.takeOutput(limit: Self.outputChunk) {
            write(bytes, context)
            hasWritten = true
            handleEvents()
        }
        if hasWritten { context.flush() }
        return hasWritten
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        pendingWrites += 1
        watch.writeBegan(now: .now())
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.pendingWrites -= 1
            self.watch.writeEnded(now: .now())
            // While bytes are being moved there may be more to come; the pump looks by itself at the end.
            if !self.isPumping { self.closeIfDone() }
        }
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    private func closeIfDone() {
        guard let context, let session else { return }
        if watch.isDraining, hasSentLastGoAway, streams.isEmpty { isClosingWhenFlushed = true }
        if !session.wantsToRead && !session.wantsToWrite { isClosingWhenFlushed = true }
        guard isClosingWhenFlushed, pendingWrites == 0 else { return }
        context.close(promise: nil)
    }

    // MARK: Time

    private func scheduleClock(_ loop: any EventLoop) {
        clock = loop.assumeIsolated().scheduleTask(in: watch.interval) {
            self.clockTicked()
        }
    }

    private func clockTicked() {
        guard let context, session != nil else { return }
        let now = NIODeadline.now()
        takeNotices()
        switch watch.verdict(now: now, isBusy: isBusy) {
        case .close(let reason): return close(reason: reason)
        case .ping: session?.ping()
        case .drainIdle: beginDraining()
        case .cancelRPCs: for stream in streams.values { stream.cancellation.cancel(.shutdown) }
        case nil: break
        }
        if let reason = endStalledStreams(now: now) { return close(reason: reason) }
        pump()
        scheduleClock(context.eventLoop)
    }
}
