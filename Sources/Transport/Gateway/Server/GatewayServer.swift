import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves a ``Gateway`` on one listening socket, which is one door of it.
///
/// Hummingbird's own server opens its socket itself; ours may have to be one that was made before, with its mode and without a moment in
/// which others could connect. So the listening is ours, and everything on a connection is Hummingbird's.
package struct GatewayServer: Service {
    /// Where connections come from.
    package enum Listener: Sendable {
        /// A socket that listens already; it is closed with the server.
        case descriptor(CInt)
        case loopback(host: String, port: Int)
    }

    /// On TCP, where anybody may connect, who has shown no token after this is cut off.
    private static let strangersStay: TimeAmount = .seconds(10)
    /// A connection that says nothing for so long, or takes longer for the head of a request, is closed.
    private static let patience: Duration = .seconds(30)
    /// How long answers that are under way may take at the end.
    private static let drain: TimeAmount = .seconds(10)

    private let responder: GatewayResponder
    private let listener: Listener
    private let logger: Logger
    private let onListening: @Sendable (SocketAddress?) -> Void

    package init(
        _ responder: GatewayResponder, on listener: Listener, logger: Logger,
        onListening: @escaping @Sendable (SocketAddress?) -> Void = { _ in }
    ) {
        self.responder = responder
        self.listener = listener
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let connections = Connections(limits: limits)
        let http = http(connections)
        let server = try await bind(http, connections)
        onListening(server.channel.localAddress)
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        group.addTask { await http.handle(value: connection, logger: logger) }
                    }
                }
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
            connections.quiesce()
            _ = server.channel.eventLoop.scheduleTask(in: Self.drain) { connections.closeAll() }
        }
    }

    private var limits: Connections.Limits {
        var limits = Connections.Limits()
        switch listener {
        // Who gets at the socket is who may ask for everything.
        case .descriptor: limits.strangers = limits.guests
        case .loopback: limits.strangersStay = Self.strangersStay
        }
        return limits
    }

    private func http(_ connections: Connections) -> HTTP1Channel {
        let (responder, logger) = (responder, logger)
        return HTTP1Channel(
            responder: { request, writer, channel in
                connections.begin(channel)
                defer { connections.end(channel) }
                let context = GatewayContext(
                    source: ApplicationRequestContextSource(channel: channel, logger: logger),
                    client: connections.client(of: channel))
                let response = try await responder.respond(to: request, context: context)
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: .init(
                additionalChannelHandlers: [
                    Doorkeeper(access: responder.access, connections: connections), RequestPace(), SlowReader(),
                ], idleTimeout: TimeAmount(Self.patience),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
    }

    private func bind(
        _ http: HTTP1Channel, _ connections: Connections
    ) async throws -> NIOAsyncChannel<HTTP1Channel.Value, Never> {
        let (responder, logger) = (responder, logger)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let initialize: @Sendable (any Channel) -> EventLoopFuture<HTTP1Channel.Value> = { channel in
            connections.add(channel)
            return http.setup(channel: channel, logger: logger).flatMapThrowing { value in
                // Between the decoder and what makes of its heads requests.
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let door = SessionDoor(responder: responder, connections: connections)
                try pipeline.addHandlers([door, TargetForm()], position: .after(decoder))
                return value
            }
        }
        switch listener {
        case .descriptor(let descriptor):
            return try await bootstrap.bind(descriptor, childChannelInitializer: initialize)
        case .loopback(let host, let port):
            return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port, childChannelInitializer: initialize)
        }
    }
}
