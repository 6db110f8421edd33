import CNGHTTP2
import NIOCore

/// The server's side of one HTTP/2 connection: the one wrapper of an nghttp2 session.
///
/// A pure state machine: bytes in (`receive`), events out (`nextEvent`), commands in (`respond`, `write`, `finish`,
/// `reset`, ...), bytes out (`takeOutput`). It does no I/O, has no clock and is not thread-safe: whoever made it is its
/// one user, an event loop's channel handler as a rule. nghttp2's callbacks only append to the queue of events and
/// never call back into the session.
package final class ServerSession {
    let configuration: SessionConfiguration
    /// Set by `init` before anything else can happen, freed once in `deinit`.
    private(set) var handle: OpaquePointer?

    // State that callbacks append to while nghttp2 runs.
    var events: CircularBuffer<SessionEvent> = []
    var incoming: HeaderAccumulator?
    var input = ByteBuffer()
    var output = ByteBuffer()
    var outputLimit = Int.max
    var bodies: [Int32: OutboundBody] = [:]
    /// Bytes of all bodies together.
    var unsentBytes = 0
    /// Bodies of which nghttp2 has just taken all there was.
    var drained: [Int32] = []
    /// Streams whose request is malformed, to be reset as soon as nghttp2 has returned.
    var malformed: [Int32] = []
    /// Streams that end because we want them to.
    var ownResets: Set<Int32> = []
    var flood: FloodMeter
    var resets: FloodMeter
    var breaches: FloodMeter
    var now: NIODeadline
    var isFlooded = false
    private var hasEndedForFlood = false
    var isReady = false
    var diagnostic: String?

    /// Makes a session and queues its first SETTINGS frame.
    ///
    /// - Parameter now: the time `receive` will count on from.
    package init(configuration: SessionConfiguration, now: NIODeadline) throws(SessionError) {
        self.configuration = configuration
        self.flood = FloodMeter(configuration.control, now: now)
        self.resets = FloodMeter(configuration.resets, now: now)
        self.breaches = FloodMeter(configuration.breaches, now: now)
        self.now = now
        self.handle = try Self.makeHandle(
            configuration: configuration, owner: Unmanaged.passUnretained(self).toOpaque())
        try submitSettings()
    }

    deinit {
        nghttp2_session_del(handle)
    }

    /// The next thing to react to, in the order things happened.
    package func nextEvent() -> SessionEvent? {
        events.popFirst()
    }

    /// Feeds bytes from the peer. What they mean is in the events afterwards, also when this throws.
    ///
    /// Throws when the connection cannot go on: write what `takeOutput` still gives, then close.
    package func receive(_ bytes: ByteBuffer, now: NIODeadline) throws(SessionError) {
        self.now = now
        input = bytes
        defer { input = ByteBuffer() }
        let count = bytes.readableBytes
        let taken = bytes.withUnsafeReadableBytes { raw in
            nghttp2_session_mem_recv(handle, raw.bindMemory(to: UInt8.self).baseAddress, count)
        }
        if taken < 0 { throw SessionError("reading frames", code: taken, detail: diagnostic) }
        refuseMalformed()
        endIfFlooded()
    }

    private func refuseMalformed() {
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        for stream in malformed {
            chargeBreach()
            check(
                nghttp2_submit_rst_stream(handle, flags, stream, ErrorCode.protocolError.rawValue), "resetting a stream"
            )
        }
        malformed.removeAll(keepingCapacity: true)
    }

    /// Once is enough: a session that ends sends nothing more.
    func endIfFlooded() {
        guard isFlooded, !hasEndedForFlood else { return }
        hasEndedForFlood = true
        terminate(.enhanceYourCalm)
        events.append(.flooded)
    }

    /// Whether the session expects bytes from the peer; false after a fatal error or a finished GOAWAY.
    package var wantsToRead: Bool { nghttp2_session_want_read(handle) != 0 }

    /// Whether `takeOutput` may have something.
    package var wantsToWrite: Bool { nghttp2_session_want_write(handle) != 0 || output.readableBytes > 0 }

    // MARK: Flow control

    /// Opens the stream's window again by bytes that its reader has taken.
    package func consume(_ bytes: Int, of stream: StreamID) {
        check(nghttp2_session_consume_stream(handle, stream.rawValue, bytes), "opening a stream's window")
    }

    /// Opens the connection's window again.
    package func consumeConnection(_ bytes: Int) {
        check(nghttp2_session_consume_connection(handle, bytes), "opening the connection's window")
    }

    // MARK: The connection's life

    /// Asks for a sign of life; `pingAcknowledged` follows.
    package func ping() {
        check(nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil), "sending PING")
    }

    /// The first step of going away: no new streams, please (RFC 9113 section 6.8).
    package func announceShutdown() {
        check(nghttp2_submit_shutdown_notice(handle), "announcing shutdown")
    }

    /// The second step: the streams that have arrived are the last ones.
    package func goAway(_ code: ErrorCode = .noError) {
        let last = nghttp2_session_get_last_proc_stream_id(handle)
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        check(nghttp2_submit_goaway(handle, flags, last, code.rawValue, nil, 0), "sending GOAWAY")
    }

    /// Ends the session: a GOAWAY, and nothing after it.
    package func terminate(_ code: ErrorCode) {
        check(nghttp2_session_terminate_session(handle, code.rawValue), "ending the session")
    }

    /// Commands fail only for want of memory or on a stream that is gone already; its `closed` event tells then.
    func check(_ code: Int32, _ action: String) {
        guard code == NGHTTP2_ERR_NOMEM.rawValue else { return }
        diagnostic = "\(action): out of memory"
    }
}
