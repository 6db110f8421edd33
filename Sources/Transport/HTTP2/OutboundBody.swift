import NIOCore

/// The part of a response's body that nghttp2 has not taken yet.
struct OutboundBody {
    private var chunks: CircularBuffer<[UInt8]> = []
    /// Bytes of the first chunk that are gone already.
    private var offset = 0
    /// Bytes left.
    private(set) var count = 0
    /// The trailers that end the response, once they are known.
    var trailers: [HeaderField]?
    /// nghttp2 has been told that no DATA frame follows the one it asked for.
    var isEnded = false
    /// nghttp2 asked for data when there was none, and must be told when there is some.
    var isDeferred = false

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        chunks.append(bytes)
        count += bytes.count
    }

    /// Moves the next `length` bytes into `output`. There must be as many.
    mutating func move(_ length: Int, into output: inout ByteBuffer) {
        var left = min(length, count)
        count -= left
        while left > 0, let first = chunks.first {
            let taken = min(left, first.count - offset)
            first.withUnsafeBytes { bytes in
                _ = output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + taken]))
            }
            left -= taken
            offset += taken
            if offset == first.count {
                chunks.removeFirst()
                offset = 0
            }
        }
    }
}
