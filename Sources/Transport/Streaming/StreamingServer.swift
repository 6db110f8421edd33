import Domain
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Serves the sessions that were granted: exec, attach and port-forward, over SPDY/3.1 and over WebSockets.
///
/// Whoever has a token has its session, and nobody looks at anything else of a request: the address is one of this machine, unless somebody has said
/// otherwise in so many words.
package struct StreamingServer: Sendable {
    package struct Configuration: Sendable {
        package var host = "127.0.0.1"
        /// 0: the kernel chooses.
        package var port = 0
        /// nil: what is said passes as it is.
        package var tls: ServerCertificates?
        package var times = SessionServices.Times()
        /// How many connections may be there that have not used a token yet; one more takes the place of the oldest.
        package var strangers = 512
        /// How long one of them may take to.
        package var strangersStay: TimeAmount = .seconds(30)
        /// How long clients may take to read how their sessions ended when the server ends.
        package var farewell: TimeAmount = .seconds(5)
        package init() {}
    }

    private typealias Job = @Sendable () async -> Void

    private let configuration: Configuration
    private let tickets: SingleUseTickets
    private let useCases: UseCases
    private let listens: @Sendable (SocketAddress) -> Void

    /// - Parameter listens: told where, once it does.
    package init(
        _ configuration: Configuration = Configuration(), tickets: SingleUseTickets, useCases: UseCases,
        listens: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.tickets = tickets
        self.useCases = useCases
        self.listens = listens
    }

    /// Until it is cancelled: then all sessions end, each with the reason.
    ///
    /// - Throws: when it cannot listen.
    package func run() async throws {
        let (jobs, sink) = AsyncStream.makeStream(of: Job.self)
        let services = SessionServices(useCases: useCases, times: configuration.times) { sink.yield($0) }
        let connections = StreamingConnections()
        let listener = try await bind(services, connections)
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        tickets.serve(at: "\(configuration.tls == nil ? "http" : "https")://\(Self.authority(address))")
        listens(address)
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            tickets.serve(at: nil)
            group.cancelAll()
        }
        try? await listener.close()
        await connections.end(patience: configuration.farewell)
    }

    private func bind(_ services: SessionServices, _ connections: StreamingConnections) async throws -> any Channel {
        let (configuration, tickets) = (configuration, tickets)
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Bounded: what a client sends that nobody reads waits in the kernel.
            .childChannelOption(.socketOption(.so_rcvbuf), value: 256 * 1024)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 * 1024, high: 256 * 1024))
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                guard connections.add(channel, strangers: configuration.strangers) else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.eof)
                }
                let stay = channel.eventLoop.scheduleTask(in: configuration.strangersStay) {
                    channel.close(promise: nil)
                }
                channel.closeFuture.whenComplete { _ in stay.cancel() }
                return Self.secure(channel, by: configuration.tls).flatMapThrowing {
                    let handshake = HandshakeHandler(tickets: tickets, services: services) {
                        stay.cancel()
                        connections.admit(channel)
                    } refused: {
                        connections.dismiss(channel)
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPResponseEncoder(),
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)), handshake,
                    ])
                }
            }
            .bind(host: configuration.host, port: configuration.port).get()
    }

    /// TLS before all else, where there is TLS.
    private static func secure(
        _ channel: any Channel, by certificates: ServerCertificates?
    ) -> EventLoopFuture<Void> {
        guard let certificates else { return channel.eventLoop.makeSucceededVoidFuture() }
        return NIOThreadPool.singleton.runIfActive(eventLoop: channel.eventLoop) { certificates.current() }
            .flatMapThrowing { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: $0)) }
    }

    /// Where a kubelet finds it, which is on this machine: at the loopback of a server that listens on all addresses, since those are none to connect to.
    private static func authority(_ address: SocketAddress) -> String {
        let (host, port) = (address.ipAddress ?? "127.0.0.1", address.port ?? 0)
        if case .v6 = address { return "[\(host == "::" ? "::1" : host)]:\(port)" }
        return "\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)"
    }
}
