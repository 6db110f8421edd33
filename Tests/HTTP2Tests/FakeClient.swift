import NIOCore

@testable import HTTP2

/// Frames by hand, and a session under test with everything it says.
struct FakeClient {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let session: ServerSession
    private(set) var events: [SessionEvent] = []
    private(set) var received: [Frame] = []
    private(set) var now: NIODeadline = .uptimeNanoseconds(0)

    /// - Parameter window: the initial window of the client's streams.
    init(configuration: SessionConfiguration = SessionConfiguration(), window: UInt32? = nil) throws {
        session = try ServerSession(configuration: configuration, now: now)
        let values: [UInt8] = window.map { [0, 4] + Frame.bytes($0) } ?? []
        try send(Self.preface + Frame.encode(4, payload: values) + Frame.encode(4, flags: 1))
    }

    mutating func advance(_ time: TimeAmount) {
        now = now + time
    }

    /// Feeds bytes, then collects what comes of them.
    mutating func send(_ bytes: [UInt8]) throws {
        defer { collectEvents() }
        try session.receive(ByteBuffer(bytes: bytes), now: now)
    }

    mutating func collectEvents() {
        while let event = session.nextEvent() { events.append(event) }
    }

    /// Takes the session's output in pieces of about `limit` bytes.
    mutating func takeOutput(limit: Int = .max) throws {
        while let output = try session.takeOutput(limit: limit) {
            try take(output)
        }
    }

    mutating func take(_ output: ByteBuffer) throws {
        received += Frame.decode(Array(output.readableBytesView))
        collectEvents()
    }

    /// A whole POST request's HEADERS.
    static func request(_ stream: UInt32, extra: [(String, String)] = [], isLast: Bool = false) -> [UInt8] {
        let fields = [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C"), (":authority", "x")] + extra
        return Frame.encode(1, flags: isLast ? 5 : 4, stream: stream, payload: Frame.literals(fields))
    }

    static func data(_ stream: UInt32, _ payload: [UInt8], isLast: Bool = false) -> [UInt8] {
        Frame.encode(0, flags: isLast ? 1 : 0, stream: stream, payload: payload)
    }
}

/// One HTTP/2 frame (RFC 9113 section 4.1).
struct Frame: Hashable {
    let type: UInt8
    let flags: UInt8
    let stream: UInt32
    let payload: [UInt8]

    static func bytes(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func encode(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) -> [UInt8] {
        bytes(UInt32(payload.count)).dropFirst() + [type, flags] + bytes(stream) + payload
    }

    static func decode(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let header = Array(rest.prefix(9))
            let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            let stream = header[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(9)
            frames.append(Frame(type: header[3], flags: header[4], stream: stream, payload: Array(rest.prefix(length))))
            rest = rest.dropFirst(length)
        }
        return frames
    }

    /// HPACK literals without indexing, for short names and values.
    static func literals(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes.append(0)
            for text in [name, value] {
                bytes.append(UInt8(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }
}
