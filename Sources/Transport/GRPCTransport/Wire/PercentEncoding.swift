/// Percent-encoding of `grpc-message` ("Responses" in gRPC's PROTOCOL-HTTP2): everything but printable ASCII, and `%`
/// itself.
enum PercentEncoding {
    /// Encodes a status message, cut to at most `limit` bytes: clients refuse trailers that are too large, and the
    /// whole status would be lost with them.
    static func encode(_ message: String, limit: Int = 6 * 1024) -> String {
        var output: [UInt8] = []
        for scalar in message.unicodeScalars {
            let before = output.count
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte, to: &output) }
            if output.count > limit {
                output.removeLast(output.count - before)
                break
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        if (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%") {
            output.append(byte)
        } else {
            output.append(UInt8(ascii: "%"))
            output.append(hexadecimal[Int(byte >> 4)])
            output.append(hexadecimal[Int(byte & 0xf)])
        }
    }

    private static let hexadecimal = Array("0123456789ABCDEF".utf8)
}
