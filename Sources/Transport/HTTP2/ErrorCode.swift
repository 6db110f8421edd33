import CNGHTTP2

/// An HTTP/2 error code, as RST_STREAM and GOAWAY carry it (RFC 9113 section 7).
package struct ErrorCode: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let noError = ErrorCode(rawValue: NGHTTP2_NO_ERROR.rawValue)
    package static let protocolError = ErrorCode(rawValue: NGHTTP2_PROTOCOL_ERROR.rawValue)
    package static let internalError = ErrorCode(rawValue: NGHTTP2_INTERNAL_ERROR.rawValue)
    package static let refusedStream = ErrorCode(rawValue: NGHTTP2_REFUSED_STREAM.rawValue)
    package static let cancel = ErrorCode(rawValue: NGHTTP2_CANCEL.rawValue)
    package static let enhanceYourCalm = ErrorCode(rawValue: NGHTTP2_ENHANCE_YOUR_CALM.rawValue)

    /// The code's name in the specification, or "unknown".
    package var description: String { String(cString: nghttp2_http2_strerror(rawValue)) }
}
