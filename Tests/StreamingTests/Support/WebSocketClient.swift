import NIOCore
import Testing

/// The client's side of a WebSocket, as small as it can be.
final class WebSocketClient {
    struct Frame: Equatable {
        var opcode: UInt8
        var bytes: [UInt8]
        var text: String { String(decoding: bytes.dropFirst(), as: UTF8.self) }
    }

    private let raw: RawClient

    init(_ raw: RawClient) { self.raw = raw }

    static let upgrade = [
        ("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Origin", "https://evil.example"),
    ]

    static func open<Value: Sendable>(
        _ harness: StreamingHarness, _ path: String, _ subprotocol: String,
        _ body: @Sendable @escaping (WebSocketClient) async throws -> Value
    ) async throws -> Value {
        try await RawClient.connect(harness) { raw in
            let named = subprotocol.isEmpty ? [] : [("Sec-WebSocket-Protocol", subprotocol)]
            let head = try await raw.request("GET", path, upgrade + named)
            try #require(head.hasPrefix("HTTP/1.1 101 "), "\(head)")
            return try await body(WebSocketClient(raw))
        }
    }

    static func frame(_ opcode: UInt8, _ bytes: [UInt8], isFinal: Bool = true) -> ByteBuffer {
        var frame = ByteBuffer(bytes: [(isFinal ? 0x80 : 0) | opcode])
        switch bytes.count {
        case ..<126: frame.writeInteger(0x80 | UInt8(bytes.count))
        case ..<65536: frame.writeMultipleIntegers(UInt8(0xfe), UInt16(bytes.count))
        default: frame.writeMultipleIntegers(UInt8(0xff), UInt64(bytes.count))
        }
        let mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
        frame.writeBytes(mask)
        frame.writeBytes(bytes.enumerated().map { $1 ^ mask[$0 % 4] })
        return frame
    }

    func send(_ channel: UInt8, _ text: String) async throws { try await send(2, [channel] + text.utf8) }

    func send(_ opcode: UInt8, _ bytes: [UInt8]) async throws { try await raw.send(Self.frame(opcode, bytes)) }

    func frame() async throws -> Frame {
        while true {
            var reader = raw.buffer
            if let opcode = reader.readInteger(as: UInt8.self), let first = reader.readInteger(as: UInt8.self) {
                let length: Int? =
                    switch first {
                    case 126: reader.readInteger(as: UInt16.self).map(Int.init)
                    case 127: reader.readInteger(as: UInt64.self).map { Int($0) }
                    default: Int(first)
                    }
                if let length, let bytes = reader.readBytes(length: length) {
                    raw.buffer = reader
                    return Frame(opcode: opcode & 0xf, bytes: bytes)
                }
            }
            try await raw.readMore()
        }
    }

    /// Everything until the connection is closed, by channel; the code it was closed with.
    func readAll() async throws -> (channels: [UInt8: [UInt8]], code: UInt16?) {
        var channels: [UInt8: [UInt8]] = [:]
        while true {
            let frame = try await frame()
            if frame.opcode == 8 {
                return (channels, frame.bytes.count >= 2 ? UInt16(frame.bytes[0]) << 8 | UInt16(frame.bytes[1]) : nil)
            }
            guard let channel = frame.bytes.first else { continue }
            channels[channel, default: []] += frame.bytes.dropFirst()
        }
    }
}
