import NIOCore

/// What a server sends over a WebSocket: frames that are whole messages, unmasked.
package enum WebSocketWriter {
    /// The head of a binary or a text message of `count` bytes that follow, `first` among them.
    package static func head(isText: Bool, count: Int, first: UInt8? = nil) -> ByteBuffer {
        head(0x80 | (isText ? 1 : 2), count, first)
    }

    package static func ping() -> ByteBuffer { head(0x89, 0, nil) }

    package static func pong(_ content: ByteBuffer) -> ByteBuffer {
        var (bytes, content) = (head(0x8a, content.readableBytes, nil), content)
        bytes.writeBuffer(&content)
        return bytes
    }

    package static func close(code: UInt16) -> ByteBuffer {
        var bytes = head(0x88, 2, nil)
        bytes.writeInteger(code)
        return bytes
    }

    private static func head(_ bits: UInt8, _ count: Int, _ first: UInt8?) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(16)
        bytes.writeInteger(bits)
        switch count {
        case ..<126: bytes.writeInteger(UInt8(count))
        case ..<65536: bytes.writeMultipleIntegers(UInt8(126), UInt16(count))
        default: bytes.writeMultipleIntegers(UInt8(127), UInt64(count))
        }
        if let first { bytes.writeInteger(first) }
        return bytes
    }
}
