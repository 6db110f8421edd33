import Gzip
import NIOCore
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct SPDYCodecTests {
    private static let headers = SPDYHeaders([("streamtype", "stdin"), ("x", "a\0b"), ("empty", "")])
    private static let frames: [SPDYFrame] = [
        .synStream(1, headers: headers, fin: false, unidirectional: false),
        .synReply(1, headers: SPDYHeaders(), fin: false),
        .data(1, ByteBuffer(string: "hello"), fin: false), .ping(7), .settings(initialWindow: 1000),
        .settings(initialWindow: nil), .windowUpdate(0, delta: 5), .headers(1, headers, fin: true),
        .rstStream(3, status: 5), .data(1, ByteBuffer(), fin: true), .goAway(lastGoodStream: 1, status: 0),
    ]

    private func bytes(_ frames: [SPDYFrame]) throws -> [UInt8] {
        let writer = try SPDYFrameWriter()
        var bytes = ByteBuffer()
        for frame in frames { try writer.write(frame, to: &bytes) }
        return Array(bytes.readableBytesView)
    }

    /// Pieces of one data frame are put together again.
    private func read(_ bytes: [UInt8], by count: Int) throws -> [SPDYFrame] {
        var (reader, frames) = (try SPDYFrameReader(), [SPDYFrame]())
        for start in stride(from: 0, to: bytes.count, by: count) {
            reader.append(ByteBuffer(bytes: bytes[start..<min(start + count, bytes.count)]))
            while let frame = try reader.next() {
                if case .data(let id, var more, let fin) = frame, case .data(id, var bytes, false) = frames.last {
                    bytes.writeBuffer(&more)
                    frames[frames.count - 1] = .data(id, bytes, fin: fin)
                } else {
                    frames.append(frame)
                }
            }
        }
        return frames
    }

    @Test("data of no stream is refused once, in whatever pieces it comes", arguments: [1, 3, 1000])
    func noStream(count: Int) throws {
        var bytes = ByteBuffer()
        try SPDYFrameWriter().write(.data(7, ByteBuffer(repeating: 65, count: 100), fin: false), to: &bytes)
        var connection = try SPDYConnection()
        while let piece = bytes.readSlice(length: min(count, bytes.readableBytes)), piece.readableBytes > 0 {
            connection.receive(piece)
            while let event = connection.nextEvent() { Issue.record("\(event)") }
        }
        #expect(connection.answers == 1)
        var reader = try SPDYFrameReader()
        reader.append(connection.takeOutput() ?? ByteBuffer())
        #expect(try reader.next() == .rstStream(7, status: SPDYStatus.invalidStream.rawValue))
        #expect(try reader.next() == nil)
    }

    @Test("frames are read as they were written, in whatever pieces they come", arguments: [1, 2, 3, 7, 64, 100_000])
    func roundTrip(count: Int) throws {
        #expect(try read(bytes(Self.frames), by: count) == Self.frames)
    }

    @Test func `the dictionary is the one that every peer has`() throws {
        // RFC 1950: the dictionary's Adler-32 follows the two bytes of a stream's head.
        let written = try bytes([.synReply(1, headers: SPDYHeaders(), fin: false)])
        #expect(Array(written[14..<18]) == [0xe3, 0xc6, 0xa7, 0xc2])
        #expect(SPDYDictionary.bytes.count == 1423)
    }

    @Test(
        "what leaves nothing to go on with ends the session",
        arguments: [
            // Version 2; stream 0; too long; a short PING; a long one; headers that are no zlib; data of stream 0.
            [0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1], [0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],
            [0x80, 3, 0, 1, 0, 1, 0, 1], [0x80, 3, 0, 6, 0, 0, 0, 2, 0, 0],
            [0x80, 3, 0, 6, 0, 0, 0, 5, 0, 0, 0, 1, 0], [0x80, 3, 0, 2, 0, 0, 0, 8, 0, 0, 0, 1, 1, 2, 3, 4],
            [0, 0, 0, 0, 0, 0, 0, 1, 65], [0x80, 3, 0, 4, 0, 0, 0, 4, 255, 255, 255, 255],
        ] as [[UInt8]])
    func broken(bytes: [UInt8]) throws {
        var connection = try SPDYConnection()
        connection.receive(ByteBuffer(bytes: bytes))
        guard case .failed = connection.nextEvent() else { return #expect(Bool(false), "nothing failed") }
        #expect(connection.nextEvent() == nil)
        #expect(connection.takeOutput() != nil)
    }

    @Test func `headers that grow beyond their bound end the session`() throws {
        let deflater = try DictionaryDeflater(dictionary: SPDYDictionary.bytes)
        let block = try deflater.compress(
            [0, 0, 0, 1, 0, 0, 0, 1, 120, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 65536))
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(UInt16(0x8003), UInt16(2), UInt32(4 + block.count), UInt32(1))
        bytes.writeBytes(block)
        var reader = try SPDYFrameReader()
        reader.append(bytes)
        let error = #expect(throws: SPDYError.self) { _ = try reader.next() }
        #expect(error?.description.contains("more than 65536 bytes") == true)
    }

    private func events(_ frames: [SPDYFrame]) throws -> (events: [SPDYConnection.Event], answers: [SPDYFrame]) {
        var connection = try SPDYConnection()
        connection.receive(ByteBuffer(bytes: try bytes(frames)))
        var events: [SPDYConnection.Event] = []
        while let event = connection.nextEvent() { events.append(event) }
        return (events, try read(Array((connection.takeOutput() ?? ByteBuffer()).readableBytesView), by: 64))
    }

    private func open(_ id: SPDYStreamID) -> SPDYFrame {
        .synStream(id, headers: SPDYHeaders([("a", "b")]), fin: false, unidirectional: false)
    }

    @Test func `numbers that repeat, go back or are even are refused`() throws {
        let (events, answers) = try events([open(3), open(3), open(1), open(4), open(5)])
        #expect(answers == [.rstStream(3, status: 1), .rstStream(1, status: 1), .rstStream(4, status: 1)])
        let headers = SPDYHeaders([("a", "b")])
        #expect(events == [.opened(3, headers), .reset(3), .opened(5, headers)])
    }

    @Test func `headers with a name twice or in upper case reset their stream alone`() throws {
        let twice = SPDYHeaders([("a", "b"), ("a", "c")])
        let (events, answers) = try events([.synStream(1, headers: twice, fin: false, unidirectional: false), open(3)])
        #expect(answers == [.rstStream(1, status: 1)])
        #expect(events == [.opened(3, SPDYHeaders([("a", "b")]))])
    }

    @Test func `more streams than allowed are refused, and data of none is answered`() throws {
        let (events, answers) = try events((0...1024).map { open(SPDYStreamID(2 * $0 + 1)) })
        #expect(events.count == 1024)
        #expect(answers == [.rstStream(2049, status: 3)])
        #expect(try self.events([.data(9, ByteBuffer(string: "x"), fin: false)]).answers == [.rstStream(9, status: 2)])
        #expect(
            try self.events([open(1), .data(1, ByteBuffer(), fin: true), .data(1, ByteBuffer(string: "x"), fin: false)])
                .answers == [.rstStream(1, status: 9)])
    }

    @Test func `pings are answered, and the windows of what was taken are given back`() throws {
        #expect(try events([.ping(1), .ping(2)]).answers == [.ping(1)])
        var connection = try SPDYConnection()
        connection.receive(ByteBuffer(bytes: try bytes([open(1)])))
        _ = connection.nextEvent()
        connection.consumed(32767, of: 1)
        #expect(connection.takeOutput() == nil)
        connection.consumed(1, of: 1)
        let answers = try read(Array((connection.takeOutput() ?? ByteBuffer()).readableBytesView), by: 64)
        #expect(answers == [.windowUpdate(0, delta: 32768), .windowUpdate(1, delta: 32768)])
    }

    @Test func `arbitrary bytes end a session or do nothing, the same however they are cut`() throws {
        var generator = SystemRandomNumberGenerator()
        let good = try bytes(Self.frames)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let whole = Result { try read(bytes, by: bytes.count) }
            let cut = Result { try read(bytes, by: Int.random(in: 1...9, using: &generator)) }
            switch (whole, cut) {
            case (.success(let a), .success(let b)): #expect(a == b)
            case (.failure, .failure): break
            default: #expect(Bool(false), "cut otherwise it is read otherwise: \(bytes)")
            }
        }
    }
}
