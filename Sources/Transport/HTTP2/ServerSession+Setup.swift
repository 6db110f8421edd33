import CNGHTTP2

extension ServerSession {
    /// Makes the nghttp2 session. `owner` comes back as the callbacks' user data.
    static func makeHandle(
        configuration: SessionConfiguration,
        owner: UnsafeMutableRawPointer
    ) throws(SessionError) -> OpaquePointer {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        try require(nghttp2_session_callbacks_new(&callbacks))
        defer { nghttp2_session_callbacks_del(callbacks) }
        try require(nghttp2_option_new(&options))
        defer { nghttp2_option_del(options) }

        setCallbacks(callbacks)
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        // nghttp2 wants an :authority that is one; gRPC clients of a Unix socket send its path, or nothing.
        // `RequestCheck` looks at the rest.
        nghttp2_option_set_no_http_messaging(options, 1)
        nghttp2_option_set_max_settings(options, configuration.maxSettings)
        nghttp2_option_set_max_outbound_ack(options, configuration.maxPendingAcknowledgements)
        nghttp2_option_set_stream_reset_rate_limit(options, configuration.resets.burst, configuration.resets.perSecond)

        var session: OpaquePointer?
        try require(nghttp2_session_server_new2(&session, callbacks, owner, options))
        guard let session else { throw SessionError("making a session", code: Int(NGHTTP2_ERR_NOMEM.rawValue)) }
        return session
    }

    /// Our SETTINGS, and the connection's window, which SETTINGS cannot say.
    func submitSettings() throws(SessionError) {
        func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(bitPattern: id.rawValue), value: value)
        }
        let entries = [
            entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, configuration.maxConcurrentStreams),
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(clamping: configuration.streamWindow)),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: configuration.maxHeaderListSize)),
            entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        try Self.require(nghttp2_submit_settings(handle, flags, entries, entries.count))
        try Self.require(nghttp2_session_set_local_window_size(handle, flags, 0, configuration.connectionWindow))
    }

    private static func require(_ code: Int32) throws(SessionError) {
        if code != 0 { throw SessionError("making a session", code: Int(code)) }
    }

    private static func setCallbacks(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, beginHeadersCallback)
        nghttp2_session_callbacks_set_on_header_callback(callbacks, headerCallback)
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, beginFrameCallback)
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceivedCallback)
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalidFrameCallback)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataChunkCallback)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamClosedCallback)
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frameSentCallback)
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, frameNotSentCallback)
        nghttp2_session_callbacks_set_send_data_callback(callbacks, sendDataCallback)
        nghttp2_session_callbacks_set_error_callback2(callbacks, errorCallback)
    }
}
