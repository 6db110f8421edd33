import CNGHTTP2
import NIOCore

extension ServerSession {
    /// Starts the response of a stream. With `isLast` these headers are all of it; else `finish` ends it later.
    package func respond(_ stream: StreamID, headers: [HeaderField], isLast: Bool) {
        let code: Int32
        if isLast {
            code = withNameValues(headers) { nghttp2_submit_response(handle, stream.rawValue, $0, $1, nil) }
        } else {
            bodies[stream.rawValue] = OutboundBody()
            var provider = nghttp2_data_provider()
            provider.read_callback = readBodyCallback
            code = withNameValues(headers) { nghttp2_submit_response(handle, stream.rawValue, $0, $1, &provider) }
        }
        guard code != 0 else { return }
        bodies[stream.rawValue] = nil
        failResponse(stream, code: code)
    }

    /// Appends to the response's body. Bytes wait in the session until flow control and `takeOutput` let them go.
    package func write(_ bytes: [UInt8], to stream: StreamID) {
        guard bodies[stream.rawValue] != nil else { return }
        bodies[stream.rawValue]?.append(bytes)
        resume(stream)
    }

    /// Ends the response with trailers, once its body has been sent.
    package func finish(_ stream: StreamID, trailers: [HeaderField]) {
        guard bodies[stream.rawValue] != nil else { return }
        bodies[stream.rawValue]?.trailers = trailers
        resume(stream)
    }

    /// Ends the stream at once, in both directions.
    package func reset(_ stream: StreamID, _ code: ErrorCode) {
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
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
            if !submitDueTrailers() && count == 0 { break }
        }
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    private func resume(_ stream: StreamID) {
        guard bodies[stream.rawValue]?.isDeferred == true else { return }
        bodies[stream.rawValue]?.isDeferred = false
        check(nghttp2_session_resume_data(handle, stream.rawValue), "resuming a stream")
    }

    /// Trailers of bodies whose last bytes nghttp2 has just taken.
    private func submitDueTrailers() -> Bool {
        guard !trailersDue.isEmpty else { return false }
        let due = trailersDue
        trailersDue.removeAll(keepingCapacity: true)
        for id in due {
            guard let trailers = bodies.removeValue(forKey: id)?.trailers else { continue }
            let code = withNameValues(trailers) { nghttp2_submit_trailer(handle, id, $0, $1) }
            if code != 0 { failResponse(StreamID(id), code: code) }
        }
        return true
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
