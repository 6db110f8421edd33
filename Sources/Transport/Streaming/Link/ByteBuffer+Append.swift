import NIOCore

extension ByteBuffer {
    /// Bytes that came behind those that are not read yet; none are copied where there are no such.
    mutating func append(_ bytes: ByteBuffer) {
        guard readableBytes > 0 else { return self = bytes }
        var bytes = bytes
        discardReadBytes()
        writeBuffer(&bytes)
    }
}
