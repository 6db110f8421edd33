// nghttp2's callbacks. Each finds its session in the user data and hands over; none calls back into nghttp2.

import CNGHTTP2

/// The session a callback belongs to. It outlives its callbacks: nghttp2 only runs inside the session's own methods.
private func session(_ userData: UnsafeMutableRawPointer?) -> ServerSession? {
    userData.map { Unmanaged<ServerSession>.fromOpaque($0).takeUnretainedValue() }
}

let beginHeadersCallback: nghttp2_on_begin_headers_callback = { _, frame, userData in
    guard let frame, let session = session(userData) else { return 0 }
    session.headersBegan(frame.pointee)
    return 0
}

let headerCallback: nghttp2_on_header_callback = { _, frame, name, nameLength, value, valueLength, _, userData in
    guard let frame, let session = session(userData) else { return 0 }
    session.headerReceived(
        stream: frame.pointee.hd.stream_id,
        name: UnsafeBufferPointer(start: name, count: nameLength),
        value: UnsafeBufferPointer(start: value, count: valueLength)
    )
    return 0
}

let beginFrameCallback: nghttp2_on_begin_frame_callback = { _, header, userData in
    guard let header, let session = session(userData) else { return 0 }
    session.frameBegan(type: UInt32(header.pointee.type))
    return 0
}

let frameReceivedCallback: nghttp2_on_frame_recv_callback = { _, frame, userData in
    guard let frame, let session = session(userData) else { return 0 }
    session.frameReceived(frame.pointee)
    return 0
}

let invalidFrameCallback: nghttp2_on_invalid_frame_recv_callback = { _, _, code, userData in
    session(userData)?.invalidFrameReceived(code)
    return 0
}

let dataChunkCallback: nghttp2_on_data_chunk_recv_callback = { _, _, stream, data, length, userData in
    guard let data, let session = session(userData) else { return 0 }
    session.dataReceived(stream: stream, UnsafeRawBufferPointer(start: data, count: length))
    return 0
}

let streamClosedCallback: nghttp2_on_stream_close_callback = { _, stream, code, userData in
    session(userData)?.streamClosed(stream, ErrorCode(rawValue: code))
    return 0
}

let frameSentCallback: nghttp2_on_frame_send_callback = { _, frame, userData in
    guard let frame, let session = session(userData) else { return 0 }
    session.frameSent(frame.pointee.hd)
    return 0
}

let frameNotSentCallback: nghttp2_on_frame_not_send_callback = { _, frame, code, userData in
    guard let frame, let session = session(userData) else { return 0 }
    session.frameNotSent(frame.pointee.hd, code: code)
    return 0
}

let readBodyCallback: nghttp2_data_source_read_callback = { _, stream, _, length, flags, _, userData in
    guard let flags, let session = session(userData) else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    return session.readBody(stream: stream, upTo: length, flags: &flags.pointee)
}

let sendDataCallback: nghttp2_send_data_callback = { _, frame, header, length, _, userData in
    guard let frame, let header, let session = session(userData) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    return session.sendData(
        stream: frame.pointee.hd.stream_id,
        header: UnsafeRawBufferPointer(start: header, count: 9),
        length: length
    )
}

let errorCallback: nghttp2_error_callback2 = { _, _, message, length, userData in
    guard let message, let session = session(userData) else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: message, count: length)
    session.diagnostic = String(decoding: bytes.prefix(200), as: UTF8.self)
    return 0
}
