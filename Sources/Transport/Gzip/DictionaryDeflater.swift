import CZlib

/// Compresses texts one after the other in one zlib stream with a preset dictionary, each so that its reader has all of it (RFC 1950; Z_SYNC_FLUSH).
package final class DictionaryDeflater {
    // On the heap: zlib keeps the stream's address and refuses one that has moved.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Throws: ``CompressionError/unavailable(code:)``.
    package init(dictionary: [UInt8]) throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // A small window: the texts are short, and there is one of these for each connection.
        var code = rktlet_deflate_init_small(stream)
        if code == Z_OK { code = deflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) }
        guard code == Z_OK else {
            deflateEnd(stream)
            stream.deallocate()
            throw .unavailable(code: Int(code))
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// - Throws: ``CompressionError/unavailable(code:)``.
    package func compress(_ plain: [UInt8]) throws(CompressionError) -> [UInt8] {
        var input = plain
        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(plain.count))) + 64)
        let stream = stream
        let code = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                return deflate(stream, Z_SYNC_FLUSH)
            }
        }
        guard code == Z_OK, stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 else {
            throw .unavailable(code: Int(code))
        }
        output.removeLast(Int(stream.pointee.avail_out))
        return output
    }
}
