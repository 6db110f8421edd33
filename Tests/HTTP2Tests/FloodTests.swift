import NIOCore
import Testing

@testable import HTTP2

/// Bounds of counts: the clock of these sessions stands still, so that no speed of the machine has a part in them.
@Suite("A session whose peer floods it", .timeLimit(.minutes(10)))
struct FloodTests {
    private struct Flood: Sendable {
        /// What comes first, with stream 1.
        var greeting: [UInt8] = []
        /// The n-th of the many, n from 0.
        let frame: @Sendable (UInt32) -> [UInt8]
        /// How many may come.
        let allowed: Int
    }

    private static func stream(_ number: UInt32) -> UInt32 { number * 2 + 1 }

    private static let floods: [String: Flood] = [
        "PING": Flood(frame: { _ in Frame.encode(6, payload: [UInt8](repeating: 1, count: 8)) }, allowed: 500),
        "SETTINGS": Flood(frame: { _ in Frame.encode(4) }, allowed: 500),
        "PRIORITY": Flood(frame: { _ in Frame.encode(2, stream: 1, payload: [0, 0, 0, 3, 16]) }, allowed: 500),
        "WINDOW_UPDATE of the connection": Flood(
            frame: { _ in Frame.encode(8, payload: Frame.bytes(1)) }, allowed: 500),
        "WINDOW_UPDATE of a stream": Flood(
            greeting: FakeClient.request(1), frame: { _ in Frame.encode(8, stream: 1, payload: Frame.bytes(1)) },
            allowed: 500),
        "empty DATA": Flood(greeting: FakeClient.request(1), frame: { _ in FakeClient.data(1, []) }, allowed: 500),
        "DATA of padding only": Flood(
            greeting: FakeClient.request(1),
            frame: { _ in Frame.encode(0, flags: 8, stream: 1, payload: [3, 0, 0, 0]) }, allowed: 500),
        "RST_STREAM": Flood(
            frame: { FakeClient.request(stream($0)) + Frame.encode(3, stream: stream($0), payload: Frame.bytes(8)) },
            allowed: 200),
        "RST_STREAM without an error": Flood(
            frame: { FakeClient.request(stream($0)) + Frame.encode(3, stream: stream($0), payload: Frame.bytes(0)) },
            allowed: 200),
        "windows that overflow": Flood(
            frame: {
                FakeClient.request(stream($0))
                    + Frame.encode(8, stream: stream($0), payload: Frame.bytes(0x7fff_ffff))
            }, allowed: 100),
        "windows that open by nothing": Flood(
            frame: { FakeClient.request(stream($0)) + Frame.encode(8, stream: stream($0), payload: Frame.bytes(0)) },
            allowed: 100),
        "malformed requests": Flood(
            frame: { FakeClient.request(stream($0), extra: [("X", "y")], isLast: true) }, allowed: 100),
        "second header sections": Flood(
            frame: { FakeClient.request(stream($0)) + FakeClient.request(stream($0)) }, allowed: 100),
        "bodies after their end": Flood(
            frame: { FakeClient.request(stream($0), isLast: true) + FakeClient.data(stream($0), [1]) }, allowed: 100),
    ]

    private func makeClient() throws -> FakeClient {
        var configuration = SessionConfiguration()
        configuration.control = .init(burst: 500, perSecond: .max)
        configuration.resets = .init(burst: 200, perSecond: .max)
        configuration.breaches = .init(burst: 100, perSecond: .max)
        return try FakeClient(configuration: configuration)
    }

    @Test("ends it after as many as it may send, whatever it floods with", arguments: floods.keys.sorted())
    func bound(name: String) throws {
        let flood = try #require(Self.floods[name])
        var client = try makeClient()
        try client.send(flood.greeting)
        var count = 0
        while count <= flood.allowed, !client.isFlooded, client.session.wantsToRead {
            try client.send(flood.frame(UInt32(count)))
            try client.takeOutput()
            count += 1
        }
        #expect(client.isFlooded || !client.session.wantsToRead)
        #expect(count <= flood.allowed + 1)
        #expect(client.received.last?.type == 7)
    }

    @Test("counts what one read brings, too, before anything of it is answered")
    func oneRead() throws {
        var client = try makeClient()
        let flood = try #require(Self.floods["second header sections"])
        try client.send((0..<300).flatMap { flood.frame($0) })
        #expect(client.isFlooded)
        try client.takeOutput()
        #expect(client.received.count < 10)
        #expect(client.received.last?.type == 7)
    }

    @Test("is not taken for one when it opens windows again for what it has read")
    func reader() throws {
        var client = try makeClient()
        try client.send(FakeClient.request(1))
        client.session.respond(StreamID(1), headers: [HeaderField(":status", "200")], isLast: false)
        for _ in 0..<2000 {
            client.session.write([UInt8](repeating: 1, count: 16_000), to: StreamID(1))
            try client.takeOutput()
            try client.send(
                Frame.encode(8, payload: Frame.bytes(16_000))
                    + Frame.encode(8, stream: 1, payload: Frame.bytes(16_000)))
        }
        #expect(client.bodyBytes == 2000 * 16_000)
        #expect(!client.isFlooded)
    }

    @Test("lets a client be refused streams that has not seen how many it may have")
    func refusedStreams() throws {
        var configuration = SessionConfiguration()
        configuration.maxConcurrentStreams = 1
        configuration.breaches = .init(burst: 3, perSecond: 1)
        let session = try ServerSession(configuration: configuration, now: .uptimeNanoseconds(0))
        let requests = (0..<50).flatMap { FakeClient.request(Self.stream($0)) }
        try session.receive(
            ByteBuffer(bytes: FakeClient.preface + Frame.encode(4) + requests), now: .uptimeNanoseconds(0))
        let output = try #require(try session.takeOutput(limit: .max))
        let frames = Frame.decode(Array(output.readableBytesView))
        #expect(frames.filter { $0.type == 3 && $0.payload == Frame.bytes(7) }.count == 49)
        #expect(!session.isFlooded)
    }
}
