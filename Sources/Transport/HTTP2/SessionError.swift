import CNGHTTP2

/// nghttp2 could not go on with a connection.
package struct SessionError: Error, Hashable, CustomStringConvertible {
    /// What was being done.
    package let action: String
    /// nghttp2's error number, negative.
    package let code: Int
    /// What nghttp2 says about it.
    package let reason: String

    init(_ action: String, code: Int, detail: String? = nil) {
        self.action = action
        self.code = code
        let text = String(cString: nghttp2_strerror(Int32(clamping: code)))
        self.reason = detail.map { "\(text) (\($0))" } ?? text
    }

    package var description: String { "HTTP/2 session: \(action): \(reason)" }

    /// The peer does not speak HTTP/2 at all.
    package var isBadPreface: Bool { code == Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue) }
}
