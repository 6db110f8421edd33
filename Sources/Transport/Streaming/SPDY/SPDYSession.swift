import NIOCore

/// Who speaks over a ``SPDYSession``.
protocol SPDYUser: AnyObject {
    /// To be accepted or reset.
    func opened(_ id: SPDYStreamID, _ headers: SPDYHeaders)
    func received(_ bytes: ByteBuffer, on id: SPDYStreamID)
    func ended(_ id: SPDYStreamID)
    func reset(_ id: SPDYStreamID)
    func becameWritable()
    /// The client is gone, or was sent away.
    func left()
}

/// A ``SPDYConnection`` on a link: what a peer's window has no room for waits here, in its order.
final class SPDYSession: LinkUser {
    private struct Waiting {
        var pieces: [ByteBuffer] = []
        var isEnding = false
    }

    /// How many answers may wait for a client that does not read.
    private static let answerLimit = 1000
    /// Older versions of spdystream forget what they have not yet given out when the connection ends: the client, who knows by the ends of its
    /// streams that it has everything, is to close first.
    private static let patience: TimeAmount = .seconds(2)
    /// The largest data frame; a longer one would keep the other streams waiting.
    private static let frameLimit = 64 * 1024

    let link: any Link
    var user: (any SPDYUser)?
    private var connection: SPDYConnection
    private var waiting: [SPDYStreamID: Waiting] = [:]
    private var isOver = false
    private var isFinishing = false

    init(link: any Link) throws(SPDYError) {
        self.link = link
        connection = try SPDYConnection()
    }

    // MARK: What its user does

    func accept(_ id: SPDYStreamID) {
        connection.accept(id)
        writeOutput()
    }

    func reset(_ id: SPDYStreamID, _ status: SPDYStatus) {
        waiting[id] = nil
        connection.reset(id, status)
        writeOutput()
    }

    /// Whether what is sent now goes out at once, as far as the peer's window and the link are concerned.
    func canTake(_ id: SPDYStreamID) -> Bool {
        guard link.isWritable, waiting[id] == nil else { return false }
        return !connection.isOpen(id) || connection.room(of: id) > 0
    }

    func send(_ bytes: ByteBuffer, on id: SPDYStreamID) {
        guard bytes.readableBytes > 0, connection.isOpen(id) else { return }
        waiting[id, default: Waiting()].pieces.append(bytes)
        sendWaiting(id)
    }

    /// No more is sent on it.
    func end(_ id: SPDYStreamID) {
        guard connection.isOpen(id) else { return }
        waiting[id, default: Waiting()].isEnding = true
        sendWaiting(id)
    }

    func consumed(_ count: Int, of id: SPDYStreamID) {
        guard count > 0 else { return }
        connection.consumed(count, of: id)
        writeOutput()
    }

    func flush() {
        leaveIfDone()
        link.flush()
    }

    /// Ends the session once all that was sent has gone out, also what waits for a window. Nothing more is told to the user.
    func finish() {
        guard !isOver else { return }
        isFinishing = true
        user = nil
        finishIfAllIsSent()
    }

    private func finishIfAllIsSent() {
        guard isFinishing, !isOver, waiting.isEmpty else { return }
        isOver = true
        connection.goAway()
        writeOutput()
        link.finish(patience: Self.patience) { _ in false }
    }

    // MARK: LinkUser

    func received(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        connection.receive(bytes)
        while !isOver, let event = connection.nextEvent() { take(event) }
        writeOutput()
        finishIfAllIsSent()
        leaveIfDone()
        if link.isWritable {
            connection.resetAnswers()
        } else if connection.answers > Self.answerLimit {
            link.abort()
            ended()
        }
    }

    func receivedAll() { link.flush() }

    func becameWritable() {
        connection.resetAnswers()
        user?.becameWritable()
    }

    func ended() {
        isOver = true
        let user = user
        self.user = nil
        user?.left()
    }

    private func take(_ event: SPDYConnection.Event) {
        switch event {
        case .opened(let id, let headers):
            if let user { user.opened(id, headers) } else { reset(id, .refusedStream) }
        case .data(let id, let bytes): user?.received(bytes, on: id)
        case .ended(let id): user?.ended(id)
        case .reset(let id):
            waiting[id] = nil
            user?.reset(id)
        case .window:
            for id in waiting.keys.sorted() { sendWaiting(id) }
            user?.becameWritable()
        case .goAway:
            // What is open goes on.
            break
        case .failed:
            leave()
        }
    }

    /// A peer that has said that it opens no more streams has nothing to come back for when its last one is over.
    private func leaveIfDone() {
        guard connection.isDone, !isOver, !isFinishing else { return }
        let user = user
        finish()
        user?.left()
    }

    private func leave() {
        writeOutput()
        let user = user
        isOver = true
        self.user = nil
        link.finish(patience: .zero) { _ in false }
        user?.left()
    }

    private func sendWaiting(_ id: SPDYStreamID) {
        guard var queue = waiting[id] else { return }
        while !queue.pieces.isEmpty {
            let count = min(connection.room(of: id), queue.pieces[0].readableBytes, Self.frameLimit)
            guard count > 0, let piece = queue.pieces[0].readSlice(length: count) else { break }
            if queue.pieces[0].readableBytes == 0 { queue.pieces.removeFirst() }
            let isLast = queue.isEnding && queue.pieces.isEmpty
            guard let head = connection.dataHead(id, count: count, fin: isLast) else { break }
            link.write(head)
            link.write(piece)
            if isLast { return waiting[id] = nil }
        }
        guard queue.pieces.isEmpty || !connection.isOpen(id) else { return waiting[id] = queue }
        waiting[id] = nil
        if queue.isEnding, let head = connection.dataHead(id, count: 0, fin: true) { link.write(head) }
    }

    private func writeOutput() {
        if let bytes = connection.takeOutput() { link.write(bytes) }
    }
}
