import CZlib

/// Reads texts that were compressed one after the other in one zlib stream with a preset dictionary (RFC 1950).
package final class DictionaryInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let dictionary: [UInt8]

    /// - Throws: ``CompressionError/unavailable(code:)``.
    package init(dictionary: [UInt8]) throws(CompressionError) {
        self.dictionary = dictionary
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = rktlet_inflate_init(stream, MAX_WBITS)
        guard code == Z_OK else {
            stream.deallocate()
            throw .unavailable(code: Int(code))
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Reads one text. After an error the stream cannot be gone on with.
    ///
    /// - Parameter limit: how many bytes the text may have; growth stops there.
    package func decompress(_ input: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var input = input
        var output = [UInt8](repeating: 0, count: limit + 1)
        let (stream, dictionary) = (stream, dictionary)
        let code = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                var code = inflate(stream, Z_SYNC_FLUSH)
                if code == Z_NEED_DICT {
                    code = inflateSetDictionary(stream, dictionary, UInt32(dictionary.count))
                    if code == Z_OK { code = inflate(stream, Z_SYNC_FLUSH) }
                }
                return code
            }
        }
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .unavailable(code: Int(code))
        case Z_STREAM_END: throw .malformed("the stream is ended, and more may follow")
        default: throw .malformed(stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)")
        }
        guard stream.pointee.avail_out > 0 else { throw .tooLarge(limit: limit) }
        output.removeLast(Int(stream.pointee.avail_out))
        return output
    }
}
