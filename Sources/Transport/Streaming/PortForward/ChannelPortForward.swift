import Domain
import JSON
import NIOCore

/// A client that forwards ports over a WebSocket with channels: for each port, which was named when the session was granted, one connection. Its
/// data is channel 2n, its error 2n+1; the first message of either is the port, in two bytes, the lower one first.
final class ChannelPortForward: WebSocketUser, ForwardedClient {
    private let socket: WebSocketConnection
    private let codec: ChannelProtocol
    private let session: PortForwardSession
    private let ports: [UInt16]
    private var reader: ChannelReader
    private var connections: [ForwardedConnection] = []
    private var left = 0

    init(
        pod: PodID, ports: [UInt16], over socket: WebSocketConnection, codec: ChannelProtocol, services: SessionServices
    ) {
        self.socket = socket
        self.codec = codec
        self.ports = ports
        reader = ChannelReader(codec)
        session = PortForwardSession(pod: pod, link: socket.link, services: services)
        session.onPodEnd = { [weak self] error in
            for connection in self?.connections ?? [] { connection.fail(error) }
        }
    }

    func begin() {
        connections = ports.map { ForwardedConnection(port: $0, session: session, client: self) }
        left = connections.count
        for (index, port) in ports.enumerated() {
            let number = ByteBuffer(integer: port, endianness: .little)
            send(number, channel: UInt8(2 * index))
            send(number, channel: UInt8(2 * index + 1))
        }
        flush()
        for connection in connections { connection.begin() }
    }

    /// How many ports have a number for their channels.
    static let portLimit = 128

    private func send(_ bytes: ByteBuffer, channel: UInt8) {
        guard codec.isBase64 else { return socket.send(first: channel, bytes) }
        let text = JSONBytes.encode(Array(bytes.readableBytesView))
        socket.send(isText: true, first: UInt8(ascii: "0") &+ channel, ByteBuffer(string: text))
    }

    /// Whose data the channel has.
    private func connection(_ channel: UInt8) -> ForwardedConnection? {
        let index = Int(channel / 2)
        return channel.isMultiple(of: 2) && index < connections.count ? connections[index] : nil
    }

    private func index(_ connection: ForwardedConnection) -> UInt8? {
        connections.firstIndex { $0 === connection }.map { UInt8($0) }
    }

    // MARK: WebSocketUser

    func received(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) {
        switch reader.read(piece, isFirst: isFirst, isLast: isLast) {
        case .data(let channel, let bytes): connection(channel)?.receive(bytes)
        case .closed(let channel): connection(channel)?.clientEnded()
        case nil: break
        }
        if let failure = reader.failure { socket.fail(failure) }
    }

    func receivedAll() {}

    func becameWritable() { for connection in connections { connection.clientBecameReady() } }

    func ended() {
        let all = connections
        connections = []
        session.end()
        for connection in all { connection.abandon() }
    }

    // MARK: ForwardedClient

    func canTake(_ connection: ForwardedConnection) -> Bool { socket.link.isWritable }

    func send(_ bytes: ByteBuffer, from connection: ForwardedConnection) {
        if let index = index(connection) { send(bytes, channel: 2 * index) }
    }

    func flush() { socket.link.flush() }

    func consumed(_ count: Int, by connection: ForwardedConnection) {}

    /// But for `v5`, channels cannot be half closed: when the pod ends, the connection does.
    func podEnded(_ connection: ForwardedConnection) {
        if codec.canCloseChannels {
            if let index = index(connection) {
                socket.send(first: CommandChannel.close, ByteBuffer(integer: 2 * index))
            }
            return
        }
        connection.abandon()
        over(connection, nil)
    }

    func over(_ connection: ForwardedConnection, _ error: DomainError?) {
        if let error, let index = index(connection) {
            send(ByteBuffer(string: "forwarding port \(connection.port): \(error.message)"), channel: 2 * index + 1)
        }
        left -= 1
        guard left == 0 else { return }
        session.end()
        socket.close(code: 1000)
    }
}
