import NIOCore

/// A link within the messages of a WebSocket, whose bounds mean nothing.
final class WebSocketTunnel: Link, WebSocketUser {
    private let socket: WebSocketConnection
    var user: (any LinkUser)?

    init(_ socket: WebSocketConnection) { self.socket = socket }

    var eventLoop: any EventLoop { socket.link.eventLoop }
    var isWritable: Bool { socket.link.isWritable }
    var isReading: Bool {
        get { socket.link.isReading }
        set { socket.link.isReading = newValue }
    }

    func write(_ bytes: ByteBuffer) { socket.send(first: nil, bytes) }
    func flush() { socket.link.flush() }
    func finish(patience: TimeAmount, isFarewell: @escaping (ByteBuffer) -> Bool) {
        user = nil
        socket.close(code: 1000)
    }
    func abort() {
        user = nil
        socket.link.abort()
    }

    func received(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) {
        if piece.readableBytes > 0 { user?.received(piece) }
    }
    func receivedAll() { user?.receivedAll() }
    func becameWritable() { user?.becameWritable() }
    func ended() {
        let user = user
        self.user = nil
        user?.ended()
    }
}
