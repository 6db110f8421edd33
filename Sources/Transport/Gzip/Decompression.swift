import CZlib

extension CompressionFormat {
    /// Decompresses one whole message.
    ///
    /// - Parameter limit: how many bytes the result may have; growth stops there, so that a small hostile message cannot
    ///   take more memory than a large honest one.
    package func decompress(_ input: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var inflation = try Inflation(format: self, limit: limit, expected: input.count)
        return try inflation.run(input)
    }
}

/// One run of zlib's inflate over a message that is in memory as a whole.
///
/// The stream lives on the heap: zlib keeps its address and refuses one that has moved.
private struct Inflation: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let limit: Int
    private var output: [UInt8] = []
    private var chunk: [UInt8]

    init(format: CompressionFormat, limit: Int, expected: Int) throws(CompressionError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = rktlet_inflate_init(stream, format.windowBits)
        guard code == Z_OK else {
            stream.deallocate()
            throw .unavailable(code: Int(code))
        }
        self.stream = stream
        self.limit = limit
        self.chunk = [UInt8](repeating: 0, count: min(max(expected * 4, 1024), 64 * 1024))
        self.output.reserveCapacity(min(limit, expected * 2))
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    mutating func run(_ input: [UInt8]) throws(CompressionError) -> [UInt8] {
        var consumed = 0
        var finished = false
        while !finished {
            let step = inflateOnce(input, from: consumed)
            consumed += step.consumed
            guard output.count + step.produced <= limit else { throw .tooLarge(limit: limit) }
            output.append(contentsOf: chunk[..<step.produced])
            switch step.code {
            case Z_STREAM_END:
                finished = true
            case Z_OK:
                continue
            case Z_BUF_ERROR:
                throw .truncated
            case Z_MEM_ERROR:
                throw .unavailable(code: Int(step.code))
            default:
                throw .malformed(stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(step.code)")
            }
        }
        guard consumed == input.count else { throw .malformed("\(input.count - consumed) bytes follow its end") }
        return output
    }

    private mutating func inflateOnce(
        _ input: [UInt8],
        from offset: Int
    ) -> (code: Int32, consumed: Int, produced: Int) {
        let stream = stream
        return input.withUnsafeBufferPointer { source in
            chunk.withUnsafeMutableBufferPointer { target in
                // zlib's next_in is not const in C; inflate does not write to it.
                stream.pointee.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + offset) }
                stream.pointee.avail_in = UInt32(clamping: source.count - offset)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                let offered = Int(stream.pointee.avail_in)
                let code = inflate(stream, Z_NO_FLUSH)
                return (
                    code, offered - Int(stream.pointee.avail_in), target.count - Int(stream.pointee.avail_out)
                )
            }
        }
    }
}
