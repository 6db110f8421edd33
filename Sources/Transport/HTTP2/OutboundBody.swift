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
    /// nghttp2 has been asked to send what there is, and will ask for it when flow control allows.
    var isQueued = false
    /// What nghttp2 asked for last was all there was: when that is sent, it asks no more.
    var isLastAsked = false

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
