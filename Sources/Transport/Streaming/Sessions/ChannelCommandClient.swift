import Domain
import JSON
import NIOCore

/// The client of a command over a WebSocket with channels.
final class ChannelCommandClient: CommandClient, WebSocketUser {
    private let socket: WebSocketConnection
    private let codec: ChannelProtocol
    private let streams: SessionStreams
    private var reader: ChannelReader
    private var sizes = ResizeReader()
    private var session: CommandSession?

    init(_ grant: CommandGrant, over socket: WebSocketConnection, codec: ChannelProtocol, services: SessionServices) {
        self.socket = socket
        self.codec = codec
        streams = grant.streams
        reader = ChannelReader(codec)
        session = CommandSession(grant, client: self, services: services, eventLoop: socket.link.eventLoop)
    }

    /// Says by an empty message that the connection is there, as a kubelet does, and begins.
    func begin() {
        let first =
            streams.stdout ? CommandChannel.stdout : streams.stderr ? CommandChannel.stderr : CommandChannel.error
        send(ByteBuffer(), channel: first)
        flush()
        session?.begin()
    }

    // MARK: CommandClient

    func canTake(_ stream: OutputStream) -> Bool { socket.link.isWritable }

    func send(_ bytes: ByteBuffer, on stream: OutputStream) {
        send(bytes, channel: stream == .stdout ? CommandChannel.stdout : CommandChannel.stderr)
    }

    func flush() { socket.link.flush() }

    func consumed(_ count: Int) {}

    var isReading: Bool {
        get { socket.link.isReading }
        set { socket.link.isReading = newValue }
    }

    func finish(_ outcome: SessionOutcome) {
        session = nil
        let text = codec.hasStatus ? outcome.status : outcome.plainText
        if !text.isEmpty { send(ByteBuffer(bytes: text), channel: CommandChannel.error) }
        socket.close(code: 1000)
    }

    private func send(_ bytes: ByteBuffer, channel: UInt8) {
        guard codec.isBase64 else { return socket.send(first: channel, bytes) }
        let text = JSONBytes.encode(Array(bytes.readableBytesView))
        socket.send(isText: true, first: UInt8(ascii: "0") + channel, ByteBuffer(string: text))
    }

    // MARK: WebSocketUser

    func received(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) {
        switch reader.read(piece, isFirst: isFirst, isLast: isLast) {
        case .data(CommandChannel.stdin, let bytes):
            session?.receive(bytes)
        case .data(CommandChannel.resize, let bytes):
            if let size = sizes.read(bytes) { session?.resize(to: size) }
        case .closed(CommandChannel.stdin):
            session?.endInput()
        case .data, .closed, nil:
            // Of channels that a client has nothing to say on.
            break
        }
        if let failure = reader.failure { socket.fail(failure) }
    }

    func receivedAll() {}

    func becameWritable() { session?.clientBecameReady() }

    func ended() {
        let session = session
        self.session = nil
        session?.clientLeft()
    }
}
