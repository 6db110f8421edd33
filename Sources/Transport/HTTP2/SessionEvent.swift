import NIOCore

/// What a session has learnt from the bytes it was given, or done with the ones it gave out.
package enum SessionEvent: Sendable {
    /// A request's header section is complete.
    case request(StreamID, RequestHeaders)
    /// Bytes of a request's body. They stay charged to both flow-control windows until they are consumed.
    case data(StreamID, ByteBuffer)
    /// The peer has ended its side of the stream.
    case endOfRequest(StreamID)
    /// So many bytes of the stream's response body have left the session.
    case sent(StreamID, bytes: Int)
    /// The response's last frame has left the session.
    case responseSent(StreamID)
    /// The response's headers or trailers could not be sent, because they are too large, say.
    case responseFailed(StreamID, reason: String)
    /// The stream is gone. Nothing more is said of it.
    case closed(StreamID, ErrorCode)
    /// One of our GOAWAY frames has left the session.
    case goAwaySent
    /// The peer's first SETTINGS frame: it speaks HTTP/2.
    case ready
    /// The peer has answered one of our PINGs.
    case pingAcknowledged
    /// The peer will open no more streams.
    case peerGoingAway(ErrorCode)
    /// The peer sent more control frames, or had more streams reset, than it is allowed; the session is ending.
    case flooded
}

/// The header section of a request.
package struct RequestHeaders: Sendable, Hashable {
    /// The fields in the order they came; empty when the list was too large.
    package var fields: [HeaderField] = []
    /// The list was larger than the session allows and has not been kept.
    package var isTooLarge = false

    package init() {}

    package init(_ fields: [HeaderField]) {
        self.fields = fields
    }
}
