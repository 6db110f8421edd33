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
    /// Nothing may come behind them in their message.
    private var arePadded = false
    /// Why nothing more is to be read, after what was given out last.
    package private(set) var failure: WebSocketError?

    package init(_ codec: ChannelProtocol) { self.codec = codec }

    /// - Returns: nil when the piece says nothing.
    package mutating func read(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) -> Piece? {
        guard failure == nil else { return nil }
        if isFirst { (state, digits, arePadded) = (.start, [], false) }
        defer { if isLast { (state, digits) = (.start, []) } }
        var bytes = piece
        if state == .start {
            guard let first = bytes.readInteger(as: UInt8.self) else { return nil }
            state = begin(first)
        }
        switch state {
        case .channel(let channel):
            if codec.isBase64 { return decoded(bytes, isLast: isLast).map { .data(channel: channel, $0) } }
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

    private mutating func decoded(_ bytes: ByteBuffer, isLast: Bool) -> ByteBuffer? {
        digits += bytes.readableBytesView
        let whole = digits.count / 4 * 4
        let content = content(digits[..<whole])
        digits.removeFirst(whole)
        if isLast && !digits.isEmpty { failure = Self.broken }
        return content.isEmpty ? nil : ByteBuffer(bytes: content)
    }

    private static let broken = WebSocketError.invalidContent("a message that is not base64")

    /// Up to the first four digits that are none: what was sent before them has its meaning in whatever pieces it came.
    private mutating func content(_ digits: ArraySlice<UInt8>) -> [UInt8] {
        guard !digits.isEmpty else { return [] }
        if !arePadded, let all = Self.decode(digits) {
            arePadded = digits.last == UInt8(ascii: "=")
            return all
        }
        var content: [UInt8] = []
        for start in stride(from: digits.startIndex, to: digits.endIndex, by: 4) {
            let group = digits[start..<start + 4]
            guard !arePadded, let bytes = Self.decode(group) else {
                failure = Self.broken
                break
            }
            arePadded = group.last == UInt8(ascii: "=")
            content += bytes
        }
        return content
    }

    private static func decode(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        JSONBytes.decode(String(decoding: digits, as: UTF8.self))
    }
}
