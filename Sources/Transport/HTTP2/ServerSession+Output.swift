import CNGHTTP2
import NIOCore

extension ServerSession {
    /// Starts the response of a stream. With `isLast` these headers are all of it; else `finish` ends it later.
    package func respond(_ stream: StreamID, headers: [HeaderField], isLast: Bool) {
        let code: Int32
        if isLast {
            code = withNameValues(headers) { nghttp2_submit_response(handle, stream.rawValue, $0, $1, nil) }
        } else {
            // The body is submitted when there is some: a data provider without data would keep the trailers waiting for
            // a flow-control window that they do not need.
            bodies[stream.rawValue] = OutboundBody()
            let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
            code = withNameValues(headers) {
                nghttp2_submit_headers(handle, flags, stream.rawValue, nil, $0, $1, nil)
            }
        }
        guard code != 0 else { return }
        forgetBody(stream.rawValue)
        failResponse(stream, code: code)
    }

    /// Appends to the response's body. Bytes wait in the session until flow control and `takeOutput` let them go.
    package func write(_ bytes: [UInt8], to stream: StreamID) {
        guard !bytes.isEmpty, bodies[stream.rawValue] != nil else { return }
        bodies[stream.rawValue]?.append(bytes)
        unsentBytes += bytes.count
        queueBody(stream.rawValue)
    }

    /// Ends the response with trailers, once its body has been sent.
    package func finish(_ stream: StreamID, trailers: [HeaderField]) {
        guard let body = bodies[stream.rawValue] else { return }
        if body.isQueued {
            bodies[stream.rawValue]?.trailers = trailers
        } else {
            submitTrailers(stream.rawValue, trailers)
        }
    }

    /// Ends the stream at once, in both directions.
    package func reset(_ stream: StreamID, _ code: ErrorCode) {
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        if nghttp2_session_find_stream(handle, stream.rawValue) != nil { ownResets.insert(stream.rawValue) }
        check(nghttp2_submit_rst_stream(handle, flags, stream.rawValue, code.rawValue), "resetting a stream")
    }

    /// Bytes to write to the peer, or nil when there are none for now.
    ///
    /// - Parameter limit: stop collecting there; one frame more may come.
    package func takeOutput(limit: Int) throws(SessionError) -> ByteBuffer? {
        outputLimit = limit
        var pointer: UnsafePointer<UInt8>?
        while output.readableBytes < limit {
            let count = nghttp2_session_mem_send(handle, &pointer)
            if count < 0 { throw SessionError("writing frames", code: count, detail: diagnostic) }
            if count > 0 { output.writeBytes(UnsafeRawBufferPointer(start: pointer, count: count)) }
            if !settleBodies() && count == 0 { break }
        }
        endIfFlooded()
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    private func queueBody(_ stream: Int32) {
        guard bodies[stream]?.isQueued == false else { return }
        var provider = nghttp2_data_provider()
        provider.read_callback = readBodyCallback
        let code = nghttp2_submit_data(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, &provider)
        guard code == 0 else {
            // The stream is gone, or soon will be; its `closed` event tells.
            forgetBody(stream)
            return check(code, "sending a body")
        }
        bodies[stream]?.isQueued = true
    }

    /// Goes on with the bodies of which nghttp2 has sent all there was: with what came since, or with their trailers.
    private func settleBodies() -> Bool {
        guard !drained.isEmpty else { return false }
        let streams = drained
        drained.removeAll(keepingCapacity: true)
        for stream in streams {
            guard let body = bodies[stream] else { continue }
            bodies[stream]?.isQueued = false
            if body.count > 0 {
                queueBody(stream)
            } else if let trailers = body.trailers {
                submitTrailers(stream, trailers)
            }
        }
        return true
    }

    private func submitTrailers(_ stream: Int32, _ trailers: [HeaderField]) {
        forgetBody(stream)
        let code = withNameValues(trailers) { nghttp2_submit_trailer(handle, stream, $0, $1) }
        if code != 0 { failResponse(StreamID(stream), code: code) }
    }

    private func failResponse(_ stream: StreamID, code: Int32) {
        events.append(.responseFailed(stream, reason: String(cString: nghttp2_strerror(code))))
    }

    /// Lends the fields to nghttp2, which copies them.
    private func withNameValues(
        _ fields: [HeaderField],
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Int32
    ) -> Int32 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
        for field in fields {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: field.value.utf8)
        }
        return bytes.withUnsafeMutableBufferPointer { storage in
            var next = storage.baseAddress
            let values = fields.map { field in
                let (name, value) = (field.name.utf8.count, field.value.utf8.count)
                let nv = nghttp2_nv(
                    name: next,
                    value: next.map { $0 + name },
                    namelen: name,
                    valuelen: value,
                    flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
                )
                next = next.map { $0 + name + value }
                return nv
            }
            return values.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
