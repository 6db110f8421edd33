import NIOCore

/// Who speaks over a ``WebSocketConnection``.
protocol WebSocketUser: AnyObject {
    func received(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool)
    func receivedAll()
    func becameWritable()
    func ended()
}

/// A WebSocket, the server's side: messages in pieces to its user, pings answered, closed with a code.
final class WebSocketConnection: LinkUser {
    /// How many answers to pings may wait for a client that does not read.
    private static let answerLimit = 100

    let link: any Link
    var user: (any WebSocketUser)?
    private var reader = WebSocketReader()
    private var isClosed = false
    private var waitingAnswers = 0

    init(link: any Link) { self.link = link }

    func send(isText: Bool = false, first: UInt8?, _ content: ByteBuffer) {
        guard !isClosed else { return }
        let count = content.readableBytes + (first == nil ? 0 : 1)
        link.write(WebSocketWriter.head(isText: isText, count: count, first: first))
        if content.readableBytes > 0 { link.write(content) }
    }

    /// Closes, behind what was sent. The user hears nothing more.
    func close(code: UInt16) {
        guard !isClosed else { return }
        isClosed = true
        user = nil
        link.write(WebSocketWriter.close(code: code))
        // The client answers with a close of its own when it has read all that was before ours.
        link.finish(patience: .zero) { [self] bytes in
            reader.append(bytes)
            while let piece = try? reader.next() { if case .close = piece { return true } }
            return false
        }
    }

    // MARK: LinkUser

    func received(_ bytes: ByteBuffer) {
        guard !isClosed else { return }
        reader.append(bytes)
        do throws(WebSocketError) {
            while !isClosed, let piece = try reader.next() { take(piece) }
        } catch {
            fail(error)
        }
    }

    func receivedAll() { user?.receivedAll() }

    func becameWritable() {
        waitingAnswers = 0
        user?.becameWritable()
    }

    func ended() {
        isClosed = true
        let user = user
        self.user = nil
        user?.ended()
    }

    private func take(_ piece: WebSocketReader.Piece) {
        switch piece {
        case .message(let bytes, _, let isFirst, let isLast):
            user?.received(bytes, isFirst: isFirst, isLast: isLast)
        case .ping(let content):
            if !link.isWritable { waitingAnswers += 1 }
            guard waitingAnswers <= Self.answerLimit else {
                link.abort()
                return ended()
            }
            link.write(WebSocketWriter.pong(content))
        case .pong:
            break
        case .close:
            leave(code: 1000)
        }
    }

    /// Ends it for what the client sent.
    func fail(_ error: WebSocketError) { leave(code: error.code) }

    private func leave(code: UInt16) {
        let user = user
        close(code: code)
        user?.ended()
    }
}
