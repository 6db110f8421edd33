import CZlib

extension CompressionFormat {
    /// Compresses one whole message at zlib's default level.
    package func compress(_ input: [UInt8]) throws(CompressionError) -> [UInt8] {
        // On the heap: zlib keeps the stream's address and refuses one that has moved.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let code = rktlet_deflate_init(stream, Z_DEFAULT_COMPRESSION, windowBits)
        guard code == Z_OK else { throw .unavailable(code: Int(code)) }
        defer { deflateEnd(stream) }

        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(input.count))))
        let result = input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                // zlib's next_in is not const in C; deflate does not write to it.
                stream.pointee.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                return deflate(stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { throw .unavailable(code: Int(result)) }
        output.removeLast(Int(stream.pointee.avail_out))
        return output
    }
}
