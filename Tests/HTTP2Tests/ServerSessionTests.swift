import NIOCore
import Testing

@testable import HTTP2

@Suite("An HTTP/2 server session", .timeLimit(.minutes(10)))
struct ServerSessionTests {
    private let one = StreamID(1)
    private let status = [HeaderField(":status", "200")]

    @Test("tells of a request, its body and its end in order, however the bytes are cut", arguments: [1, 2, 7, 1000])
    func requestInPieces(size: Int) throws {
        var client = try FakeClient()
        let bytes = FakeClient.request(1, extra: [("x", "y")]) + FakeClient.data(1, Array("hello".utf8), isLast: true)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try client.send(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        var body: [UInt8] = []
        var story: [String] = []
        for event in client.events {
            switch event {
            case .request(let id, let headers):
                story.append("request \(id)")
                #expect(headers.fields.last == HeaderField("x", "y"))
            case .data(_, let buffer): body += Array(buffer.readableBytesView)
            case .endOfRequest(let id): story.append("end \(id)")
            default: break
            }
        }
        #expect(story == ["request 1", "end 1"])
        #expect(body == Array("hello".utf8))
    }

    @Test("sends a response's headers, body and trailers, the last of which ends the stream")
    func response() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        client.session.write(Array("hello".utf8), to: one)
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        try client.takeOutput()
        let frames = client.received.filter { $0.stream == 1 }
        #expect(frames.map(\.type) == [1, 0, 1])
        #expect(frames[1].payload == Array("hello".utf8))
        #expect(frames.map { $0.flags & 1 } == [0, 0, 1])
        #expect(client.events.contains { if case .closed(one, .noError) = $0 { true } else { false } })
    }

    @Test("sends late body and late trailers, each when it is there")
    func deferredBody() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        try client.takeOutput()
        client.session.write([1], to: one)
        try client.takeOutput()
        client.session.write([2], to: one)
        try client.takeOutput()
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        try client.takeOutput()
        let frames = client.received.filter { $0.stream == 1 }
        #expect(frames.filter { $0.type == 0 }.flatMap(\.payload) == [1, 2])
        #expect(frames.last?.type == 1 && frames.last?.flags == 5)
    }

    @Test("loses nothing when its output is taken in small pieces", arguments: [1, 100, 16_384, 20_000])
    func smallOutput(limit: Int) throws {
        var client = try FakeClient(window: 10_000_000)
        try client.send(FakeClient.request(1, isLast: true) + Frame.encode(8, payload: Frame.bytes(10_000_000)))
        client.session.respond(one, headers: status, isLast: false)
        let body = (0..<200_000).map { UInt8($0 % 251) }
        client.session.write(body, to: one)
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        var largest = 0
        while let output = try client.session.takeOutput(limit: limit) {
            largest = max(largest, output.readableBytes)
            try client.take(output)
        }
        #expect(client.received.filter { $0.type == 0 }.flatMap(\.payload) == body)
        #expect(client.received.last?.flags == 5)
        #expect(largest < limit + 16_384 + 100)
    }

    @Test("keeps a body back that the client's window has no room for, and says what it has sent")
    func clientWindow() throws {
        var client = try FakeClient(window: 10)
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        client.session.write([UInt8](repeating: 1, count: 25), to: one)
        try client.takeOutput()
        #expect(client.bodyBytes == 10)
        try client.send(Frame.encode(8, stream: 1, payload: Frame.bytes(10)))
        try client.takeOutput()
        #expect(client.bodyBytes == 20)
        let sent = client.events.compactMap { if case .sent(_, let bytes) = $0 { bytes } else { nil } }
        #expect(sent == [10, 10])
    }

    @Test("does not keep trailers waiting for a window that they do not need")
    func trailersWithoutWindow() throws {
        var client = try FakeClient(window: 0)
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        try client.takeOutput()
        #expect(client.received.filter { $0.stream == 1 }.map(\.type) == [1, 1])
        #expect(client.received.last?.flags == 5)
    }

    @Test("ends a body that filled the window to the byte", arguments: [true, false])
    func trailersAfterFullWindow(together: Bool) throws {
        var client = try FakeClient(window: 10)
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        client.session.write([UInt8](repeating: 1, count: 10), to: one)
        if !together { try client.takeOutput() }
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        try client.takeOutput()
        #expect(client.received.filter { $0.stream == 1 }.map(\.type) == [1, 0, 1])
        #expect(client.received.last?.flags == 5)
    }

    @Test("keeps the trailers of a body that waits behind it")
    func trailersBehindBody() throws {
        var client = try FakeClient(window: 10)
        try client.send(FakeClient.request(1, isLast: true))
        client.session.respond(one, headers: status, isLast: false)
        client.session.write([UInt8](repeating: 1, count: 15), to: one)
        client.session.finish(one, trailers: [HeaderField("a", "b")])
        try client.takeOutput()
        #expect(client.received.filter { $0.stream == 1 }.map(\.type) == [1, 0])
        #expect(client.session.unsentBytes == 5)
        try client.send(Frame.encode(8, stream: 1, payload: Frame.bytes(10)))
        try client.takeOutput()
        #expect(client.received.filter { $0.stream == 1 }.map(\.type) == [1, 0, 0, 1])
        #expect(client.session.unsentBytes == 0)
    }

    @Test("counts the bytes that wait, also of streams that end")
    func unsentBytes() throws {
        var client = try FakeClient(window: 0)
        try client.send(FakeClient.request(1, isLast: true) + FakeClient.request(3, isLast: true))
        for stream in [one, StreamID(3)] {
            client.session.respond(stream, headers: status, isLast: false)
            client.session.write([UInt8](repeating: 1, count: 100), to: stream)
        }
        #expect(client.session.unsentBytes == 200)
        client.session.reset(one, .cancel)
        try client.takeOutput()
        #expect(client.session.unsentBytes == 100)
        try client.send(Frame.encode(3, stream: 3, payload: Frame.bytes(8)))
        #expect(client.session.unsentBytes == 0)
    }

    @Test("opens a stream's window only for what was consumed")
    func ownWindow() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1))
        for _ in 0..<16 { try client.send(FakeClient.data(1, [UInt8](repeating: 0, count: 16_384))) }
        client.session.consumeConnection(16 * 16_384)
        try client.takeOutput()
        #expect(!client.received.contains { $0.type == 8 && $0.stream == 1 })
        client.session.consume(16 * 16_384, of: one)
        try client.takeOutput()
        let update = client.received.last { $0.type == 8 && $0.stream == 1 }
        #expect(update?.payload == Frame.bytes(16 * 16_384))
    }

    @Test("marks a header list that is too large and keeps nothing of it")
    func largeHeaders() throws {
        var configuration = SessionConfiguration()
        configuration.maxHeaderListSize = 500
        var client = try FakeClient(configuration: configuration)
        try client.send(FakeClient.request(1, extra: (0..<10).map { ("x\($0)", String(repeating: "v", count: 100)) }))
        let headers = client.events.compactMap { if case .request(_, let headers) = $0 { headers } else { nil } }
        #expect(headers.map(\.isTooLarge) == [true])
        #expect(headers.allSatisfy { $0.fields.isEmpty })
    }

    @Test("ends when control frames come faster than they may, and not when they come slowly")
    func flood() throws {
        var configuration = SessionConfiguration()
        configuration.control = .init(burst: 10, perSecond: 10)
        var client = try FakeClient(configuration: configuration)
        let ping = Frame.encode(6, payload: [UInt8](repeating: 1, count: 8))
        for _ in 0..<50 {
            client.advance(.milliseconds(200))
            try client.send(ping)
        }
        #expect(!client.isFlooded)
        try client.send(Array([[UInt8]](repeating: ping, count: 50).joined()))
        try client.takeOutput()
        #expect(client.isFlooded)
        #expect(client.received.last?.type == 7)
        #expect(!client.session.wantsToRead)
    }

    /// What makes a session reset a stream, without the peer's own RST_STREAM (which nghttp2 counts, too).
    static let provocations: [String: @Sendable (UInt32) -> [UInt8]] = [
        "a window that overflows": {
            FakeClient.request($0, isLast: true) + Frame.encode(8, stream: $0, payload: Frame.bytes(0x7fff_ffff))
        },
        "a malformed request": { FakeClient.request($0, extra: [("X", "y")], isLast: true) },
        "a second header section": { FakeClient.request($0) + FakeClient.request($0) },
    ]

    @Test("ends when the peer has too many streams reset, by whatever means", arguments: provocations.keys.sorted())
    func provokedResets(name: String) throws {
        var configuration = SessionConfiguration()
        configuration.resets = .init(burst: 20, perSecond: 10)
        var client = try FakeClient(configuration: configuration)
        let provoke = try #require(Self.provocations[name])
        var stream: UInt32 = 1
        for _ in 0..<20 {
            client.advance(.milliseconds(500))
            try client.send(provoke(stream))
            try client.takeOutput()
            stream += 2
        }
        #expect(!client.isFlooded)
        for _ in 0..<40 where !client.isFlooded {
            try client.send(provoke(stream))
            try client.takeOutput()
            stream += 2
        }
        #expect(client.isFlooded)
        #expect(client.received.last?.type == 7)
    }

    @Test("does not hold its own resets against the peer")
    func ownResets() throws {
        var configuration = SessionConfiguration()
        configuration.resets = .init(burst: 3, perSecond: 1)
        var client = try FakeClient(configuration: configuration)
        for number in 0..<50 as Range<UInt32> {
            try client.send(FakeClient.request(number * 2 + 1))
            client.session.reset(StreamID(Int32(number) * 2 + 1), .cancel)
            try client.takeOutput()
        }
        #expect(!client.isFlooded)
        #expect(client.session.ownResets.isEmpty)
    }

    private static let plain = [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C")]

    @Test(
        "takes requests to a socket by its path, by any name or by none",
        arguments: ["/run/rktlet/rktlet.sock", "", "localhost", "unix:/run/a.sock", "%2Frun%2Fa.sock", nil])
    func authorities(authority: String?) throws {
        var client = try FakeClient()
        let fields = Self.plain + (authority.map { [(":authority", $0)] } ?? []) + [("te", "trailers")]
        try client.send(Frame.encode(1, flags: 5, stream: 1, payload: Frame.literals(fields)))
        try client.takeOutput()
        #expect(client.requests == [1])
        #expect(!client.received.contains { $0.type == 3 })
    }

    @Test(
        "resets a stream whose request is malformed, and goes on with the others",
        arguments: [
            Array(plain.dropFirst()), Array(plain.dropLast()), [plain[0], plain[2]], plain + [plain[2]],
            [("x", "y")] + plain, plain + [(":x", "y")], plain + [("X-Y", "z")], plain + [("a b", "z")],
            plain + [("connection", "close")], plain + [("transfer-encoding", "chunked")], plain + [("", "x")],
            [plain[0], plain[1], (":path", "")], [plain[0], plain[1], (":path", "/a\u{1}b")],
            [(":method", ""), plain[1], plain[2]], [(":status", "200")],
        ])
    func malformed(fields: [(String, String)]) throws {
        var client = try FakeClient()
        try client.send(
            Frame.encode(1, flags: 5, stream: 1, payload: Frame.literals(fields))
                + FakeClient.request(3, isLast: true))
        try client.takeOutput()
        #expect(
            client.received.first { $0.type == 3 }.map { ($0.stream, $0.payload) } ?? (0, []) == (1, Frame.bytes(1)))
        #expect(client.requests == [3])
    }

    @Test("leaves out a field whose value cannot be one, as before")
    func badValue() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1, extra: [("x", "a\u{1}b"), ("y", "ok")], isLast: true))
        let fields = client.events.compactMap { if case .request(_, let headers) = $0 { headers.fields } else { nil } }
        #expect(fields.first?.map(\.name).suffix(1) == ["y"])
        #expect(fields.first?.contains { $0.name == "x" } == false)
    }

    @Test("resets a stream that begins a second request")
    func secondHeaders() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1) + FakeClient.request(1))
        try client.takeOutput()
        #expect(client.received.contains { $0.type == 3 && $0.stream == 1 })
    }

    @Test("throws on what is not HTTP/2")
    func notHTTP2() throws {
        let session = try ServerSession(configuration: SessionConfiguration(), now: .uptimeNanoseconds(0))
        #expect {
            try session.receive(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"), now: .uptimeNanoseconds(0))
        } throws: { ($0 as? SessionError)?.isBadPreface == true }
    }

    @Test("survives any bytes", arguments: 0..<300)
    func arbitraryBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var client = try FakeClient()
        var bytes = FakeClient.request(1) + FakeClient.data(1, [1, 2, 3]) + FakeClient.request(3, isLast: true)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        do {
            try client.send(bytes)
            for case .request(let id, _) in client.events {
                client.session.respond(id, headers: status, isLast: false)
                client.session.write([1, 2, 3], to: id)
                client.session.finish(id, trailers: [HeaderField("a", "b")])
            }
            try client.takeOutput(limit: Int.random(in: 1...100, using: &random))
        } catch is SessionError {
            // A connection may end of it; the process may not.
        }
    }

    @Test("ignores commands for streams that do not exist")
    func unknownStream() throws {
        var client = try FakeClient()
        let nobody = StreamID(77)
        client.session.write([1], to: nobody)
        client.session.finish(nobody, trailers: [])
        client.session.consume(100, of: nobody)
        client.session.reset(nobody, .cancel)
        client.session.respond(nobody, headers: status, isLast: true)
        try client.takeOutput()
        #expect(!client.received.contains { $0.stream == 77 && $0.type != 3 })
    }

    @Test("goes away in two steps and is then done")
    func goAway() throws {
        var client = try FakeClient()
        try client.send(FakeClient.request(1, isLast: true))
        client.session.announceShutdown()
        try client.takeOutput()
        #expect(client.received.last { $0.type == 7 }?.payload.prefix(4) == Frame.bytes(0x7fff_ffff)[...])
        client.session.goAway()
        client.session.respond(one, headers: status, isLast: true)
        try client.takeOutput()
        #expect(client.received.last { $0.type == 7 }?.payload.prefix(4) == Frame.bytes(1)[...])
        #expect(!client.session.wantsToRead && !client.session.wantsToWrite)
    }
}

extension FakeClient {
    var bodyBytes: Int { received.filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count } }

    var requests: [Int32] { events.compactMap { if case .request(let id, _) = $0 { id.rawValue } else { nil } } }

    var isFlooded: Bool { events.contains { if case .flooded = $0 { true } else { false } } }
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
