import GRPCCore
import Glibc
import NIOCore
import NIOPosix
import RequestMemory
import Synchronization

/// gRPC over HTTP/2 on a Unix socket: GRPCCore's transport on nghttp2 sessions driven by SwiftNIO channels.
///
/// Tasks: `listen` owns one task group, and every RPC's handler is a child task of it. It returns when the transport
/// has been told to stop, every connection is closed and every handler has returned. There are no other tasks:
/// connections live on event loops.
///
/// Shutdown: after `beginGracefulShutdown` the socket is closed and its file removed, clients get a two-step GOAWAY,
/// and RPCs in flight go on; after `Limits.drainCancelAfter` they are cancelled, after `Limits.drainCloseAfter` their
/// connections are closed. Cancelling the task of `listen` closes everything at once.
///
/// Cancellation and deadlines reach handlers through GRPCCore's cancellation handle, never by cancelling their tasks.
/// `grpc-timeout` is timed by the connection's event loop, and not by GRPCCore (``GRPCTimeout``).
package final class NGHTTP2ServerTransport: ServerTransport {
    package typealias Bytes = [UInt8]

    private struct State {
        var phase = Phase.idle
        var methods: [String: MethodDescriptor] = [:]
    }

    private enum Phase {
        case idle
        case starting
        case listening(any Channel, ConnectionRegistry)
        case stopping
    }

    private let listener: TransportListener
    private let configuration: TransportConfiguration
    private let eventLoopGroup: any EventLoopGroup
    private let counters = TransportCounters()
    private let state = Mutex(State())
    private let listening: EventLoopPromise<String>

    package init(
        listener: TransportListener,
        configuration: TransportConfiguration = TransportConfiguration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.listener = listener
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        self.listening = eventLoopGroup.any().makePromise()
    }

    deinit {
        listening.fail(ListenError.notStartable("it never listened"))
    }

    /// The address, as soon as clients can connect to it. Throws what made listening fail.
    package var listeningAddress: String {
        get async throws { try await listening.futureResult.get() }
    }

    /// How many connections, streams and RPCs there are.
    package var activity: TransportActivity { counters.activity }

    package func configure(context: GRPCServerContext) {
        let methods = context.methods.map { ("/\($0.fullyQualifiedMethod)", $0) }
        state.withLock { $0.methods = Dictionary(methods) { first, _ in first } }
    }

    package func listen(
        streamHandler:
            @escaping @Sendable (_ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext) async -> Void
    ) async throws {
        do {
            try begin()
            let socket = try BoundSocket(listener)
            let (rpcs, accepted) = AsyncStream<AcceptedRPC>.makeStream()
            let registry = ConnectionRegistry(
                limit: configuration.limits.maxConnections, report: configuration.report
            ) { accepted.finish() }
            let channel = try await bind(socket, registry, accepted)
            let isStopping = publish(channel, registry)
            channel.closeFuture.whenComplete { _ in socket.removeFile() }
            listening.succeed(socket.address)
            if isStopping { stop(channel, registry) }
            await serve(rpcs, channel, registry, streamHandler)
        } catch {
            listening.fail(error)
            throw error
        }
    }

    package func beginGracefulShutdown() {
        let running = state.withLock { state -> (any Channel, ConnectionRegistry)? in
            defer { state.phase = .stopping }
            guard case .listening(let channel, let registry) = state.phase else { return nil }
            return (channel, registry)
        }
        if let (channel, registry) = running { stop(channel, registry) }
    }

    private func stop(_ channel: any Channel, _ registry: ConnectionRegistry) {
        channel.close().whenComplete { _ in registry.drain() }
    }

    private func begin() throws(ListenError) {
        let refusal = state.withLock { state -> String? in
            switch state.phase {
            case .idle:
                state.phase = .starting
                return nil
            case .starting, .listening: return "it listens already"
            case .stopping: return "it has been told to stop"
            }
        }
        if let refusal { throw .notStartable(refusal) }
    }

    /// True when the transport was told to stop in the meantime.
    private func publish(_ channel: any Channel, _ registry: ConnectionRegistry) -> Bool {
        state.withLock { state in
            if case .stopping = state.phase { return true }
            state.phase = .listening(channel, registry)
            return false
        }
    }

    private func serve(
        _ rpcs: AsyncStream<AcceptedRPC>,
        _ channel: any Channel,
        _ registry: ConnectionRegistry,
        _ streamHandler: @escaping AcceptedRPC.Handler
    ) async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await rpc in rpcs {
                    group.addTask { await rpc.run(streamHandler) }
                }
            }
        } onCancel: {
            channel.close(promise: nil)
            registry.closeAll()
        }
        // Closed already on the way here, or being closed after a cancellation: neither error is news.
        try? await channel.closeFuture.get()
        await registry.allClosed()
    }

    private func bind(
        _ socket: BoundSocket,
        _ registry: ConnectionRegistry,
        _ accepted: AsyncStream<AcceptedRPC>.Continuation
    ) async throws -> any Channel {
        let environment = ConnectionEnvironment(
            configuration: configuration,
            methods: state.withLock { $0.methods },
            counters: counters,
            budget: RequestBudget(
                limit: configuration.limits.maxRequestBytesTogether, patience: configuration.limits.requestPatience),
            peer: PeerDescription(remote: "unix:", local: "unix:\(socket.path)"),
            accept: { accepted.yield($0) }
        )
        let report = configuration.report
        let shares = PeerShares(
            limits: .init(
                calls: configuration.limits.maxCallsTogether,
                responseBytes: configuration.limits.maxResponseBytesTogether))
        let channel = try await ServerBootstrap(group: eventLoopGroup)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrorReporter(report: report))
                }
            }
            .childChannelInitializer { channel in
                PeerProcess.of(channel).flatMapThrowing { process in
                    let activity = ConnectionActivity(now: .now())
                    if let refusal = registry.add(channel, activity, of: process) {
                        report(.connectionRefused(refusal))
                        throw ListenError.notStartable(refusal)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(
                            environment: environment, activity: activity, share: shares.connection(of: process)))
                }
            }
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 * 1024, high: 512 * 1024))
            .withBoundSocket(socket.descriptor)
            .get()
        // NIO listens with 128 whatever its option says; again is allowed, and a failure leaves that.
        _ = Glibc.listen(socket.descriptor, configuration.limits.backlog)
        return channel
    }
}
