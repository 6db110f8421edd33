import NIOCore

/// One SPDY/3.1 session, the server's side: bytes in, events and bytes out. It knows streams and windows, and nothing of what they are for.
///
/// What a peer does wrong with one stream resets that stream; what leaves the bytes or the headers without a meaning ends the session
/// (``Event/failed(_:)``, the last one).
package struct SPDYConnection {
    package enum Event: Equatable {
        /// To be answered with ``accept(_:)`` or ``reset(_:_:)``.
        case opened(SPDYStreamID, SPDYHeaders)
        case data(SPDYStreamID, ByteBuffer)
        /// The peer sends no more on it.
        case ended(SPDYStreamID)
        /// Gone, in both directions.
        case reset(SPDYStreamID)
        /// There may be room to send where there was none.
        case window
        /// The peer opens no more streams.
        case goAway
        case failed(SPDYError)
    }

    private struct Stream {
        var window: SPDYSendWindow
        var peerEnded = false
        var weEnded = false
        /// Taken off the peer's window and not yet given back.
        var unreturned = 0
    }

    /// How many streams a peer may have at a time.
    package static let streamLimit = 1024

    private var reader: SPDYFrameReader
    private let writer: SPDYFrameWriter
    private var streams: [SPDYStreamID: Stream] = [:]
    private var lastStream: SPDYStreamID = 0
    private var window = SPDYSendWindow()
    private var initialWindow = SPDY.initialWindow
    private var unreturned = 0
    private var events: [Event] = []
    private var isOver = false
    private var isPeerLeaving = false
    /// The stream that does not exist and was told so last: a frame comes in pieces, and is answered once.
    private var noStream: SPDYStreamID?
    /// What is to be sent to the peer, besides data.
    package private(set) var output = ByteBuffer()
    /// How many frames of it are answers to the peer's own.
    package private(set) var answers = 0

    /// - Throws: when zlib has no memory.
    package init() throws(SPDYError) {
        reader = try SPDYFrameReader()
        writer = try SPDYFrameWriter()
    }

    package mutating func takeOutput() -> ByteBuffer? {
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    package mutating func resetAnswers() { answers = 0 }

    package mutating func receive(_ bytes: ByteBuffer) { reader.append(bytes) }

    /// Nil until more bytes have come.
    package mutating func nextEvent() -> Event? {
        while events.isEmpty {
            guard !isOver else { return nil }
            do throws(SPDYError) {
                guard let frame = try reader.next() else { return nil }
                try take(frame)
            } catch {
                isOver = true
                write(.goAway(lastGoodStream: lastStream, status: 1))
                return .failed(error)
            }
        }
        return events.removeFirst()
    }

    // MARK: What we do

    package mutating func accept(_ id: SPDYStreamID) {
        guard streams[id] != nil else { return }
        write(.synReply(id, headers: SPDYHeaders(), fin: false))
    }

    package mutating func reset(_ id: SPDYStreamID, _ status: SPDYStatus) {
        streams[id] = nil
        write(.rstStream(id, status: status.rawValue))
    }

    /// How many bytes may be sent on a stream now; none on one that is gone.
    package func room(of id: SPDYStreamID) -> Int {
        guard let stream = streams[id], !stream.weEnded else { return 0 }
        return min(stream.window.room, window.room)
    }

    /// Whether nothing is left to be done for the peer: it opens no more streams, and those that it had are over.
    package var isDone: Bool { isPeerLeaving && streams.isEmpty }

    package func isOpen(_ id: SPDYStreamID) -> Bool { streams[id].map { !$0.weEnded } ?? false }

    /// - Returns: the head of a data frame, behind which these bytes are to be sent; nil for a stream that is gone.
    package mutating func dataHead(_ id: SPDYStreamID, count: Int, fin: Bool) -> ByteBuffer? {
        guard var stream = streams[id], !stream.weEnded else { return nil }
        stream.window.sent(count)
        window.sent(count)
        stream.weEnded = fin
        streams[id] = stream.weEnded && stream.peerEnded ? nil : stream
        var head = takeOutput() ?? ByteBuffer()
        SPDYFrameWriter.dataHead(id, count, fin: fin, &head)
        return head
    }

    /// Bytes that came on a stream have gone where they belong: the peer may send as many again.
    package mutating func consumed(_ count: Int, of id: SPDYStreamID) {
        unreturned += count
        if unreturned >= SPDY.initialWindow / 2 {
            write(.windowUpdate(0, delta: UInt32(clamping: unreturned)))
            unreturned = 0
        }
        guard var stream = streams[id], !stream.peerEnded else { return }
        stream.unreturned += count
        if stream.unreturned >= SPDY.initialWindow / 2 {
            write(.windowUpdate(id, delta: UInt32(clamping: stream.unreturned)))
            stream.unreturned = 0
        }
        streams[id] = stream
    }

    package mutating func goAway() {
        write(.goAway(lastGoodStream: lastStream, status: 0))
    }

    // MARK: What the peer does

    private mutating func take(_ frame: SPDYFrame) throws(SPDYError) {
        switch frame {
        case .synStream(let id, let headers, let fin, let unidirectional):
            open(id, headers, fin, unidirectional)
        case .data(let id, let bytes, let fin):
            data(id, bytes, fin)
        case .headers(let id, let headers, let fin):
            guard streams[id] != nil else { return }
            guard headers != nil else { return refuse(id, .protocolError) }
            if fin { end(id) }
        case .rstStream(let id, _):
            if streams.removeValue(forKey: id) != nil { events.append(.reset(id)) }
        case .ping(let id):
            // Even ones would answer ours, and we send none.
            if !id.isMultiple(of: 2) { answer(.ping(id)) }
        case .settings(let initial):
            if let initial { settle(Int(initial)) }
        case .windowUpdate(let id, let delta):
            try update(id, delta)
        case .goAway:
            isPeerLeaving = true
            events.append(.goAway)
        case .synReply:
            // To a stream of ours, of which there are none.
            break
        }
    }

    private mutating func open(_ id: SPDYStreamID, _ headers: SPDYHeaders?, _ fin: Bool, _ unidirectional: Bool) {
        guard !id.isMultiple(of: 2), id > lastStream else {
            // One that is open is not harmed by a repetition that is refused: its peer resets it all the same.
            if streams.removeValue(forKey: id) != nil { events.append(.reset(id)) }
            return answer(.rstStream(id, status: SPDYStatus.protocolError.rawValue))
        }
        lastStream = id
        guard let headers else { return answer(.rstStream(id, status: SPDYStatus.protocolError.rawValue)) }
        guard streams.count < Self.streamLimit, !isPeerLeaving else {
            return answer(.rstStream(id, status: SPDYStatus.refusedStream.rawValue))
        }
        var stream = Stream(window: SPDYSendWindow(initial: initialWindow))
        stream.peerEnded = fin
        stream.weEnded = unidirectional
        streams[id] = stream
        events.append(.opened(id, headers))
        if fin { events.append(.ended(id)) }
    }

    private mutating func data(_ id: SPDYStreamID, _ bytes: ByteBuffer, _ fin: Bool) {
        guard let stream = streams[id] else {
            unreturned += bytes.readableBytes
            // What was on its way when the stream went is no fault.
            guard id > lastStream, id != noStream else { return }
            noStream = id
            return answer(.rstStream(id, status: SPDYStatus.invalidStream.rawValue))
        }
        guard !stream.peerEnded else { return refuse(id, .streamAlreadyClosed) }
        if bytes.readableBytes > 0 { events.append(.data(id, bytes)) }
        if fin { end(id) }
    }

    private mutating func end(_ id: SPDYStreamID) {
        guard var stream = streams[id], !stream.peerEnded else { return }
        stream.peerEnded = true
        streams[id] = stream.weEnded ? nil : stream
        events.append(.ended(id))
    }

    private mutating func update(_ id: SPDYStreamID, _ delta: UInt32) throws(SPDYError) {
        if id == 0 {
            guard window.update(by: delta) else { throw SPDYError("the session's window overflows") }
        } else {
            guard var stream = streams[id] else { return }
            guard stream.window.update(by: delta) else { return refuse(id, .flowControlError) }
            streams[id] = stream
        }
        events.append(.window)
    }

    private mutating func settle(_ initial: Int) {
        for id in streams.keys { streams[id]?.window.changeInitial(by: initial - initialWindow) }
        initialWindow = initial
        events.append(.window)
    }

    private mutating func refuse(_ id: SPDYStreamID, _ status: SPDYStatus) {
        streams[id] = nil
        answer(.rstStream(id, status: status.rawValue))
        events.append(.reset(id))
    }

    private mutating func answer(_ frame: SPDYFrame) {
        answers += 1
        write(frame)
    }

    private mutating func write(_ frame: SPDYFrame) {
        do throws(SPDYError) {
            try writer.write(frame, to: &output)
        } catch {
            isOver = true
            events.append(.failed(error))
        }
    }
}
