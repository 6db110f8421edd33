import NIOCore

/// What a client sends over a WebSocket (RFC 6455), as it comes: a frame of any length passes through in pieces, and none is kept.
///
/// NIOWebSocket's decoder gathers whole frames, which would make their length a matter of memory.
package struct WebSocketReader {
    package enum Piece: Equatable {
        /// Of a message: its first piece, its last, or both.
        case message(ByteBuffer, isText: Bool, isFirst: Bool, isLast: Bool)
        case ping(ByteBuffer)
        case pong
        /// The last one.
        case close(code: UInt16?)
    }

    private enum Kind { case message, ping, pong, close }

    private struct Frame {
        var kind: Kind
        var isFinal: Bool
        var left: Int
        var mask: UInt32
        /// How many bytes of it the mask has been applied to.
        var offset = 0
        var isFirstPiece: Bool
    }

    private static let controlLimit = 125

    private var buffer = ByteBuffer()
    private var frame: Frame?
    /// Of the message that is under way between two frames of it: whether it is text.
    private var message: Bool?
    private var text = UTF8Validator()
    /// What comes behind the last piece.
    private var failure: WebSocketError?

    package init() {}

    package mutating func append(_ bytes: ByteBuffer) { buffer.append(bytes) }

    /// Nil until more bytes have come.
    ///
    /// - Throws: what the connection is to be closed with.
    package mutating func next() throws(WebSocketError) -> Piece? {
        while true {
            if let failure { throw failure }
            if frame == nil, try !readHead() { return nil }
            guard var current = frame else { return nil }
            if current.kind != .message {
                guard let bytes = content(&current, wholly: true) else { return nil }
                frame = nil
                return try control(current.kind, bytes)
            }
            guard let bytes = content(&current, wholly: false) else { return nil }
            let isText = message ?? false
            let isEnd = current.left == 0 && current.isFinal
            let valid = isText ? validText(bytes, isEnd: isEnd) : bytes
            let isFirst = current.isFirstPiece
            current.isFirstPiece = false
            let isLast = isEnd && failure == nil
            frame = current.left == 0 ? nil : current
            if isLast { message = nil }
            // A frame without content between two others says nothing.
            if valid.readableBytes == 0 && (failure != nil || !isFirst && !isLast) { continue }
            return .message(valid, isText: isText, isFirst: isFirst, isLast: isLast)
        }
    }

    /// Up to the first byte that is none of a text's, which is then told (RFC 6455, section 8.1).
    private mutating func validText(_ bytes: ByteBuffer, isEnd: Bool) -> ByteBuffer {
        let count = bytes.withUnsafeReadableBytes { text.validate($0) }
        if count < bytes.readableBytes || (isEnd && !text.isWhole) {
            failure = .invalidContent("a text that is not UTF-8")
        }
        return bytes.getSlice(at: bytes.readerIndex, length: count) ?? bytes
    }

    private mutating func readHead() throws(WebSocketError) -> Bool {
        guard let bits = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) else { return false }
        guard bits & 0x7000 == 0 else { throw .protocolError("reserved bits are set") }
        guard bits & 0x80 != 0 else { throw .protocolError("a client's frame is not masked") }
        let (opcode, isFinal) = (UInt8(bits >> 8 & 0xf), bits & 0x8000 != 0)
        var length = Int(bits & 0x7f)
        var headLength = 6
        if opcode >= 8 {
            guard isFinal, length <= Self.controlLimit else {
                throw .protocolError("a control frame is long or in parts")
            }
        } else if length == 126 {
            headLength = 8
        } else if length == 127 {
            headLength = 14
        }
        guard buffer.readableBytes >= headLength else { return false }
        let start = buffer.readerIndex + 2
        if headLength == 8 {
            length = Int(buffer.getInteger(at: start, as: UInt16.self) ?? 0)
        } else if headLength == 14 {
            guard let long = Int(exactly: buffer.getInteger(at: start, as: UInt64.self) ?? .max) else {
                throw .protocolError("a length of more than 63 bits")
            }
            length = long
        }
        let mask = buffer.getInteger(at: buffer.readerIndex + headLength - 4, as: UInt32.self) ?? 0
        buffer.moveReaderIndex(forwardBy: headLength)
        frame = Frame(
            kind: try kind(opcode), isFinal: isFinal, left: length, mask: mask, isFirstPiece: opcode == 1 || opcode == 2
        )
        return true
    }

    private mutating func kind(_ opcode: UInt8) throws(WebSocketError) -> Kind {
        switch opcode {
        case 0:
            guard message != nil else { throw .protocolError("a continuation of nothing") }
            return .message
        case 1, 2:
            guard message == nil else { throw .protocolError("a message begins within another") }
            message = opcode == 1
            text = UTF8Validator()
            return .message
        case 8: return .close
        case 9: return .ping
        case 10: return .pong
        default: throw .protocolError("opcode \(opcode)")
        }
    }

    /// What there is of a frame's content, unmasked; nil when there is nothing, or less than all of what must be whole.
    private mutating func content(_ frame: inout Frame, wholly: Bool) -> ByteBuffer? {
        let count = min(frame.left, buffer.readableBytes)
        guard count == frame.left || (!wholly && count > 0) else { return nil }
        guard var bytes = buffer.readSlice(length: count) else { return nil }
        Self.unmask(&bytes, frame.mask, frame.offset)
        frame.left -= count
        frame.offset = (frame.offset + count) % 4
        return bytes
    }

    private static func unmask(_ bytes: inout ByteBuffer, _ mask: UInt32, _ offset: Int) {
        guard bytes.readableBytes > 0, mask != 0 else { return }
        let shift = UInt32(offset * 8)
        let turned = shift == 0 ? mask : mask << shift | mask >> (32 - shift)
        let wide = UInt64(turned) << 32 | UInt64(turned)
        bytes.withUnsafeMutableReadableBytes { bytes in
            var index = 0
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                bytes.storeBytes(of: word ^ wide.bigEndian, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < bytes.count {
                bytes[index] ^= UInt8(truncatingIfNeeded: turned >> UInt32(24 - index % 4 * 8))
                index += 1
            }
        }
    }

    private func control(_ kind: Kind, _ bytes: ByteBuffer) throws(WebSocketError) -> Piece {
        switch kind {
        case .ping: return .ping(bytes)
        case .pong: return .pong
        case .close, .message:
            return .close(code: try code(bytes))
        }
    }

    /// Of a close frame, behind which there may be a reason (RFC 6455, sections 5.5.1 and 7.4).
    private func code(_ content: ByteBuffer) throws(WebSocketError) -> UInt16? {
        var content = content
        guard content.readableBytes > 0 else { return nil }
        guard let code = content.readInteger(as: UInt16.self) else {
            throw .protocolError("half a code to close with")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .protocolError("the code \(code) to close with")
        }
        var reason = UTF8Validator()
        let valid = content.withUnsafeReadableBytes { reason.validate($0) }
        guard valid == content.readableBytes, reason.isWhole else {
            throw .invalidContent("a reason to close that is not UTF-8")
        }
        return code
    }
}

/// Why a WebSocket is closed, with the code that says so (RFC 6455, section 7.4.1).
package struct WebSocketError: Error, Equatable, CustomStringConvertible {
    package let code: UInt16
    package let description: String

    static func protocolError(_ why: String) -> WebSocketError { WebSocketError(code: 1002, description: why) }
    /// Of a message whose content is not of its kind.
    static func invalidContent(_ why: String) -> WebSocketError { WebSocketError(code: 1007, description: why) }
}
