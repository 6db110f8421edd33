import CNGHTTP2
import NIOCore

// What the callbacks do: note what happened, and nothing else.
extension ServerSession {
    func headersBegan(_ frame: nghttp2_frame) {
        // The other category on a server is trailers, which gRPC requests do not have: nothing of them is kept.
        guard frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return }
        incoming = HeaderAccumulator(stream: frame.hd.stream_id, limit: configuration.maxHeaderListSize)
    }

    func headerReceived(stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        guard incoming?.stream == stream else { return }
        incoming?.add(name: name, value: value)
    }

    func frameBegan(type: UInt32) {
        switch type {
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue, NGHTTP2_CONTINUATION.rawValue,
            NGHTTP2_RST_STREAM.rawValue:
            break
        default:
            chargeControlFrame()
        }
    }

    func chargeControlFrame() {
        if !flood.take(now: now) { isFlooded = true }
    }

    func chargeReset() {
        if !resets.take(now: now) { isFlooded = true }
    }

    /// A stream that the peer's own doing ends.
    func chargeBreach() {
        if !breaches.take(now: now) { isFlooded = true }
    }

    /// A frame that nghttp2 answers with a reset. One stream too many may be the client's that has not seen our SETTINGS yet.
    func invalidFrameReceived(_ code: Int32) {
        if code == NGHTTP2_ERR_REFUSED_STREAM.rawValue { chargeReset() } else { chargeBreach() }
    }

    func frameReceived(_ frame: nghttp2_frame) {
        let stream = StreamID(frame.hd.stream_id)
        let isEnd = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(frame.hd.type) {
        case NGHTTP2_HEADERS.rawValue:
            headersEnded(stream, isEnd: isEnd)
        case NGHTTP2_DATA.rawValue:
            if isEnd {
                events.append(.endOfRequest(stream))
            } else if frame.hd.length <= frame.data.padlen {
                // Padding is nothing, too.
                chargeControlFrame()
            }
        case NGHTTP2_RST_STREAM.rawValue:
            // With any other code the stream's end is charged.
            if frame.rst_stream.error_code == NGHTTP2_NO_ERROR.rawValue { chargeReset() }
        case NGHTTP2_SETTINGS.rawValue:
            if !isReady {
                isReady = true
                events.append(.ready)
            }
        case NGHTTP2_PING.rawValue:
            if frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 { events.append(.pingAcknowledged) }
        case NGHTTP2_GOAWAY.rawValue:
            events.append(.peerGoingAway(ErrorCode(rawValue: frame.goaway.error_code)))
        default:
            break
        }
    }

    /// What is no request by RFC 9113 section 8 ends its stream, and nobody hears of it.
    private func headersEnded(_ stream: StreamID, isEnd: Bool) {
        if let request = incoming, request.stream == stream.rawValue {
            incoming = nil
            guard request.isWellFormed else { return malformed.append(stream.rawValue) }
            events.append(.request(stream, request.headers))
        } else if !isEnd {
            // A second header section is the trailers, and those end the request.
            return malformed.append(stream.rawValue)
        }
        if isEnd { events.append(.endOfRequest(stream)) }
    }

    func dataReceived(stream: Int32, _ bytes: UnsafeRawBufferPointer) {
        events.append(.data(StreamID(stream), slice(of: bytes)))
    }

    /// The chunk as a slice of what was fed in, without a copy: nghttp2 hands out pointers into its input.
    private func slice(of bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        let offset = input.withUnsafeReadableBytes { whole -> Int? in
            guard let start = whole.baseAddress, let chunk = bytes.baseAddress else { return nil }
            let offset = chunk - start
            return offset >= 0 && offset + bytes.count <= whole.count ? offset : nil
        }
        if let offset, let slice = input.getSlice(at: input.readerIndex + offset, length: bytes.count) { return slice }
        return ByteBuffer(bytes: bytes)
    }

    func streamClosed(_ stream: Int32, _ code: ErrorCode) {
        forgetBody(stream)
        if incoming?.stream == stream { incoming = nil }
        // Whether the peer reset it, or did what left us no choice: to open streams and have them end so is cheap for it
        // and dear for us ("rapid reset", "made you reset").
        if ownResets.remove(stream) == nil, code != .noError { chargeReset() }
        events.append(.closed(StreamID(stream), code))
    }

    /// Takes what is left of a response's body out of every account.
    func forgetBody(_ stream: Int32) {
        guard let body = bodies.removeValue(forKey: stream) else { return }
        unsentBytes -= body.count
    }

    func frameSent(_ header: nghttp2_frame_hd) {
        if header.type == UInt8(NGHTTP2_GOAWAY.rawValue) { events.append(.goAwaySent) }
        // Its reader opens two windows again, or asks how fast it may read.
        if header.type == UInt8(NGHTTP2_DATA.rawValue) { flood.give(4) }
        guard header.type == UInt8(NGHTTP2_HEADERS.rawValue) || header.type == UInt8(NGHTTP2_DATA.rawValue) else {
            return
        }
        guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return }
        events.append(.responseSent(StreamID(header.stream_id)))
    }

    func frameNotSent(_ header: nghttp2_frame_hd, code: Int32) {
        guard header.type == UInt8(NGHTTP2_HEADERS.rawValue) else { return }
        events.append(.responseFailed(StreamID(header.stream_id), reason: String(cString: nghttp2_strerror(code))))
    }

    /// Says how much body there is for the next DATA frame; `sendData` gives it.
    func readBody(stream: Int32, upTo length: Int, flags: inout UInt32) -> Int {
        guard let index = bodies.index(forKey: stream), bodies.values[index].count > 0 else {
            return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        let available = bodies.values[index].count
        bodies.values[index].isLastAsked = available <= length
        if available <= length { flags |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
        flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        return min(available, length)
    }

    /// Writes one DATA frame straight into the output: the one copy a response's bytes are given.
    func sendData(stream: Int32, header: UnsafeRawBufferPointer, length: Int) -> Int32 {
        guard output.readableBytes < outputLimit else { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
        guard let index = bodies.index(forKey: stream) else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
        makeRoom(for: header.count + length)
        output.writeBytes(header)
        bodies.values[index].move(length, into: &output)
        unsentBytes -= length
        // Not when the frame was announced: it may still have been held back for want of room.
        if bodies.values[index].isLastAsked { drained.append(stream) }
        events.append(.sent(StreamID(stream), bytes: length))
        return 0
    }

    /// Room for all that may follow now, so that a long body is not moved again and again as the output grows.
    private func makeRoom(for frame: Int) {
        guard output.writableBytes < frame else { return }
        let window = Int(max(0, nghttp2_session_get_remote_window_size(handle)))
        let expected = min(outputLimit, unsentBytes, frame + window)
        // A frame's worth for the headers of frames and what stands between them.
        output.reserveCapacity(minimumWritableBytes: max(frame, expected + 16 * 1024))
    }
}
