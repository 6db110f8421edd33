import GRPCCore
import Gzip
import HTTP2
import NIOCore
import Testing

@testable import GRPCTransport

@Suite("Base64 of -bin metadata", .timeLimit(.minutes(10)))
struct Base64Tests {
    @Test("comes back, for every length and byte", arguments: 0..<70)
    func roundTrip(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
        let text = Base64.encode(bytes)
        #expect(!text.contains("="))
        #expect(Base64.decode(text.utf8) == bytes)
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        #expect(Base64.decode(padded.utf8) == bytes)
    }

    @Test("is the usual alphabet")
    func alphabet() {
        #expect(Base64.encode([0xfb, 0xef, 0xff, 0x00]) == "++//AA")
    }

    @Test("refuses what is not base64", arguments: ["A", "AA=A", "====", "A===", "AA=", "a b=", "AAAAA", "-_8", "Aé"])
    func malformed(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}

@Suite("Percent-encoding of grpc-message", .timeLimit(.minutes(10)))
struct PercentEncodingTests {
    @Test(
        "leaves printable ASCII alone and escapes the rest",
        arguments: [
            ("plain ~!", "plain ~!"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"), ("\u{7f}", "%7F"),
            ("", ""),
        ]
    )
    func encoding(text: String, expected: String) {
        #expect(PercentEncoding.encode(text) == expected)
    }

    @Test("cuts between characters", arguments: 0..<14)
    func cut(limit: Int) {
        let encoded = PercentEncoding.encode("€€", limit: limit)
        #expect(encoded == String(repeating: "%E2%82%AC", count: limit / 9))
    }
}

@Suite("A grpc-timeout", .timeLimit(.minutes(10)))
struct GRPCTimeoutTests {
    @Test(
        "is read in each unit, and is a hundred years at most",
        arguments: [
            ("1H", 3_600_000_000_000), ("0n", 0), ("9999999m", 9_999_999_000_000), ("00000050m", 50_000_000),
            ("59999123u", 59_999_123_000), ("99999999n", 99_999_999), ("2M", 120_000_000_000),
            ("10000000S", 10_000_000_000_000_000), ("99999999M", 3_153_600_000_000_000_000),
            ("99999999H", 3_153_600_000_000_000_000),
        ] as [(String, Int64)]
    )
    func read(value: String, expected: Int64) {
        #expect(GRPCTimeout.nanoseconds(value) == expected)
    }

    @Test(
        "is refused when malformed",
        arguments: ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S", "１S", "1 S", "S1"])
    func malformed(value: String) {
        #expect(GRPCTimeout.nanoseconds(value) == nil)
    }
}

@Suite("The message deframer", .timeLimit(.minutes(10)))
struct MessageDeframerTests {
    private func messages(
        _ bytes: [UInt8],
        piece: Int,
        limit: Int = 1000,
        encoding: MessageEncoding = .identity
    ) throws -> (messages: [[UInt8]], isComplete: Bool) {
        var deframer = MessageDeframer(limit: limit, encoding: encoding)
        var messages: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            var buffer = ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)])
            while let message = try deframer.decode(&buffer) { messages.append(try message.bytes()) }
            #expect(buffer.readableBytes == 0)
        }
        return (messages, deframer.isBetweenMessages)
    }

    private func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + MessagePrefix.encode(length: message.count).dropFirst() + message
    }

    @Test("finds the same messages however the bytes are cut", arguments: 1...20)
    func pieces(piece: Int) throws {
        let expected: [[UInt8]] = [[], [1], Array(0..<100), [], [7, 7]]
        let result = try messages(expected.flatMap { framed($0) }, piece: piece)
        #expect(result.messages == expected)
        #expect(result.isComplete)
    }

    @Test("knows when it is in the middle", arguments: 1..<8)
    func incomplete(length: Int) throws {
        let result = try messages(Array(framed([1, 2, 3]).prefix(length)), piece: 100)
        #expect(!result.isComplete)
    }

    @Test("refuses a message above the limit by its announced length, and takes one at the limit")
    func limit() throws {
        #expect(try messages(framed([1, 2, 3]), piece: 100, limit: 3).messages == [[1, 2, 3]])
        let error = #expect(throws: RPCError.self) { try messages([0, 0, 0, 0, 4], piece: 100, limit: 3) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message == "request message of 4 bytes is larger than the limit of 3 bytes")
    }

    @Test(
        "decompresses, and counts the limit afterwards",
        arguments: [(MessageEncoding.gzip, CompressionFormat.gzip), (.deflate, .zlib)])
    func compressed(encoding: MessageEncoding, format: CompressionFormat) throws {
        let message = [UInt8](repeating: 5, count: 1000)
        let bytes = framed(try format.compress(message), flag: 1)
        #expect(try messages(bytes, piece: 3, encoding: encoding).messages == [message])
        let error = #expect(throws: RPCError.self) { try messages(bytes, piece: 3, limit: 999, encoding: encoding) }
        #expect(error?.code == .resourceExhausted)
    }

    @Test("refuses flags there are none of, and compression nobody announced", arguments: [1, 2, 255] as [UInt8])
    func flags(flag: UInt8) {
        let error = #expect(throws: RPCError.self) { try messages(framed([1], flag: flag), piece: 100) }
        #expect(error?.code == .internalError)
    }

    @Test("survives any bytes", arguments: 0..<200)
    func arbitraryBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...(seed % 2 == 0 ? 255 : 2), using: &random) }
        let encoding = MessageEncoding.allCases[Int(seed % 3)]
        let read = try? messages(bytes, piece: Int.random(in: 1...50, using: &random), encoding: encoding)
        #expect(read?.messages.count ?? 0 <= bytes.count / 5, "each message has a head of five bytes")
    }
}

@Suite("Decompression", .timeLimit(.minutes(10)))
struct DecompressionTests {
    @Test("gives back what was compressed", arguments: [0, 1, 1000, 1_000_000], [CompressionFormat.gzip, .zlib])
    func roundTrip(size: Int, format: CompressionFormat) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
        #expect(try format.decompress(format.compress(bytes), limit: size) == bytes)
    }

    @Test("stops at the limit")
    func limit() throws {
        let compressed = try CompressionFormat.gzip.compress([UInt8](repeating: 0, count: 10_000_000))
        #expect(throws: CompressionError.tooLarge(limit: 9_999_999)) {
            try CompressionFormat.gzip.decompress(compressed, limit: 9_999_999)
        }
    }

    @Test("refuses what is cut, followed by something, or rubbish")
    func malformed() throws {
        let whole = try CompressionFormat.gzip.compress([1, 2, 3])
        for length in 0..<whole.count {
            #expect(throws: CompressionError.truncated) {
                try CompressionFormat.gzip.decompress(Array(whole.prefix(length)), limit: 10)
            }
        }
        #expect(throws: CompressionError.malformed("1 bytes follow its end")) {
            try CompressionFormat.gzip.decompress(whole + [0], limit: 10)
        }
        #expect(throws: CompressionError.self) { try CompressionFormat.zlib.decompress(whole, limit: 10) }
    }
}

/// A random generator whose sequence a failed test can be run with again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &+ 0x9e37_79b9_7f4a_7c15
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
