import Glibc

/// One connection to a port of ours, with the session that carries it on: each direction ends by itself.
final class ForwardedClient {
    private enum Channel {
        static let data: UInt8 = 0
        static let error: UInt8 = 1
    }

    /// So many bytes from the pod may wait for whoever has connected.
    private static let limit = 256 << 10

    let local: CInt
    let session: SessionSocket
    private var waiting: [UInt8] = []
    private var written = 0
    private var isLocalEnded = false
    private var isPodEnded = false
    private var isOutputClosed = false
    /// The first message of a channel is the port's number.
    private var isNumberSeen: [Bool] = [false, false]
    private var error: [UInt8] = []
    private(set) var isOver = false

    /// - Parameter local: taken over.
    init(_ local: CInt, _ session: SessionSocket) {
        self.local = local
        self.session = session
    }

    deinit { close(local) }

    /// What the pod's side said went wrong.
    var failure: String? { error.isEmpty ? nil : String(decoding: error, as: UTF8.self) }

    var localEvents: Int16 {
        let reads = !isLocalEnded && !session.isFull && !session.isOver
        return Int16((reads ? POLLIN : 0) | (written < waiting.count ? POLLOUT : 0))
    }

    var sessionEvents: Int16 {
        let hasRoom = waiting.count - written < Self.limit
        return session.isOver ? 0 : Int16((hasRoom ? POLLIN : 0) | (session.mustSend ? POLLOUT : 0))
    }

    /// What is no session ends it.
    func takeFromSession() {
        do {
            for event in try session.receive() { take(event) }
        } catch {
            self.error = Array("\(error)".utf8)
            isOver = true
        }
        pass()
    }

    private func take(_ event: SessionSocket.Event) {
        switch event {
        case .data(let channel, let bytes) where channel <= Channel.error:
            guard isNumberSeen[Int(channel)] else { return isNumberSeen[Int(channel)] = true }
            if channel == Channel.data { waiting += bytes } else { error += bytes }
        case .ended(Channel.data): isPodEnded = true
        case .data, .ended: break
        }
    }

    func takeFromLocal() {
        var chunk = [UInt8](repeating: 0, count: 32_768)
        let count = read(local, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        if count > 0 {
            session.send(chunk[..<count], on: Channel.data)
        } else if count == 0 {
            isLocalEnded = true
            session.sendEnd(of: Channel.data)
        } else {
            isOver = true
        }
        session.flush()
    }

    /// Gives whoever has connected what it takes.
    func pass() {
        while written < waiting.count {
            let count = waiting.withUnsafeBytes {
                send(local, $0.baseAddress.map { $0 + written }, $0.count - written, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return isOver = true }
            written += count
        }
        (waiting, written) = ([], 0)
        if session.isOver {
            isOver = true
        } else if isPodEnded, !isOutputClosed {
            isOutputClosed = true
            shutdown(local, CInt(SHUT_WR))
        }
    }
}
