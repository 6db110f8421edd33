import Domain
import NIOCore

/// Where a connection's bytes go, and its end; on the client's event loop.
protocol ForwardedClient: AnyObject {
    func canTake(_ connection: ForwardedConnection) -> Bool
    func send(_ bytes: ByteBuffer, from connection: ForwardedConnection)
    func flush()
    func consumed(_ count: Int, by connection: ForwardedConnection)
    /// The pod sends no more; what the client sends still goes there.
    func podEnded(_ connection: ForwardedConnection)
    /// It is over. An error: because of that.
    func over(_ connection: ForwardedConnection, _ error: DomainError?)
}

/// One connection of a client's to a port of a pod: its two directions end each by itself.
final class ForwardedConnection {
    let port: UInt16
    private let session: PortForwardSession
    private weak var client: (any ForwardedClient)?
    private var socket: Descriptor?
    /// What came before the connection was there.
    private var early: [ByteBuffer] = []
    private var isClientEnded = false
    private var isOver = false
    private var waiting = 0
    private var isFull = false

    init(port: UInt16, session: PortForwardSession, client: any ForwardedClient) {
        self.port = port
        self.session = session
        self.client = client
    }

    func begin() {
        session.connect(to: port) { [self] result in
            switch result {
            case .success(let descriptor): connected(descriptor)
            case .failure(let error): finish(error)
            }
        }
    }

    func receive(_ bytes: ByteBuffer) {
        guard !isOver, !isClientEnded else { client?.consumed(bytes.readableBytes, by: self); return }
        account(bytes.readableBytes)
        if let socket { socket.write(bytes) } else { early.append(bytes) }
    }

    func clientEnded() {
        isClientEnded = true
        socket?.endOutput()
    }

    func clientBecameReady() { socket?.resume() }

    /// Ends it, and tells the client why.
    func fail(_ error: DomainError) { finish(error) }

    /// The client wants no more of it.
    func abandon() {
        client = nil
        finish(nil)
    }

    private func connected(_ descriptor: Int32) {
        guard !isOver else { return closeDescriptor(descriptor) }
        let socket = Descriptor(.socket)
        socket.mayRead = { [weak self] in self.map { $0.client?.canTake($0) ?? true } ?? false }
        socket.onBytes = { [weak self] bytes in self.map { $0.client?.send(bytes, from: $0) } }
        socket.onReadAll = { [weak self] in self?.client?.flush() }
        socket.onWritten = { [weak self] count in self?.written(count) }
        socket.onEnd = { [weak self] in self?.podEnded() }
        socket.onOver = { [weak self] error in self?.socketOver(error) }
        socket.open(descriptor, on: session.eventLoop) { [self] error in
            guard error == nil, !isOver else {
                socket.close()
                if let error { socketOver(error) }
                return
            }
            self.socket = socket
            let early = early
            self.early = []
            for bytes in early { socket.write(bytes) }
            if isClientEnded { socket.endOutput() }
            socket.resume()
        }
    }

    private func podEnded() {
        guard !isOver else { return }
        client?.podEnded(self)
        client?.flush()
    }

    private func socketOver(_ error: (any Error)?) {
        finish(error.map { DomainError(.unavailable, "port \(port): the connection into the pod broke: \($0)") })
    }

    private func written(_ count: Int) {
        account(-count)
        client?.consumed(count, by: self)
    }

    private func finish(_ error: DomainError?) {
        guard !isOver else { return }
        isOver = true
        socket?.close()
        let left = early.reduce(0) { $0 + $1.readableBytes }
        early = []
        if left > 0 { written(left) }
        let client = client
        self.client = nil
        client?.over(self, error)
        client?.flush()
    }

    private func account(_ change: Int) {
        waiting += change
        let wasFull = isFull
        isFull = waiting >= PortForwardSession.connectionLimit
        session.account(change, full: isFull == wasFull ? 0 : isFull ? 1 : -1)
    }
}
