import JSON
import NIOCore

/// Takes the messages of a WebSocket apart into what belongs to each channel, in whatever pieces they come.
package struct ChannelReader {
    package enum Piece: Equatable {
        case data(channel: UInt8, ByteBuffer)
        case closed(channel: UInt8)
    }

    private enum State: Equatable {
        case start
        case channel(UInt8)
        case closing
        /// Of a message that makes no sense: the rest of it is passed over.
        case passing
    }

    private let codec: ChannelProtocol
    private var state = State.start
    /// Digits of base64 that are not yet four.
    private var digits: [UInt8] = []

    package init(_ codec: ChannelProtocol) { self.codec = codec }

    /// - Returns: nil when the piece says nothing.
    package mutating func read(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) -> Piece? {
        if isFirst { (state, digits) = (.start, []) }
        defer { if isLast { (state, digits) = (.start, []) } }
        var bytes = piece
        if state == .start {
            guard let first = bytes.readInteger(as: UInt8.self) else { return nil }
            state = begin(first)
        }
        switch state {
        case .channel(let channel):
            if codec.isBase64 { return decoded(bytes).map { .data(channel: channel, $0) } }
            return bytes.readableBytes > 0 ? .data(channel: channel, bytes) : nil
        case .closing:
            guard let channel = bytes.readInteger(as: UInt8.self) else { return nil }
            state = .passing
            return .closed(channel: channel)
        case .passing, .start:
            return nil
        }
    }

    private func begin(_ first: UInt8) -> State {
        if codec.canCloseChannels && first == CommandChannel.close { return .closing }
        guard codec.isBase64 else { return .channel(first) }
        let zero = UInt8(ascii: "0")
        return first >= zero ? .channel(first - zero) : .passing
    }

    private mutating func decoded(_ bytes: ByteBuffer) -> ByteBuffer? {
        digits += bytes.readableBytesView
        let whole = digits.count / 4 * 4
        guard whole > 0 else { return nil }
        guard let content = JSONBytes.decode(String(decoding: digits[..<whole], as: UTF8.self)) else {
            state = .passing
            digits = []
            return nil
        }
        digits.removeFirst(whole)
        return content.isEmpty ? nil : ByteBuffer(bytes: content)
    }
}
