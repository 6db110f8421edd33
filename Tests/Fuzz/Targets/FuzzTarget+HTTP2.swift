import HTTP2
import NIOCore

extension FuzzTarget {
    /// An HTTP/2 session with nghttp2 under it. The first byte says in what pieces the rest comes, and whether a good beginning (preface and
    /// SETTINGS) goes before it.
    static let http2 = FuzzTarget("http2", longest: 4096) { input in
        guard let first = input.first else { return }
        let opening = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
        let bytes = (first & 1 == 0 ? opening : []) + input.dropFirst()
        let size = first >> 2 == 0 ? bytes.count : Int(first >> 2)
        if first & 2 == 0 {
            try serve(bytes, size)
        } else {
            let (whole, pieces) = (try story(bytes, bytes.count), try story(bytes, size))
            if let whole, let pieces { try promise(whole == pieces, "another story in pieces of \(size)") }
        }
    }

    /// What a session tells of its input, when nobody answers; nil where it ended on the way, where a flood came, and where it reset a stream:
    /// what the peer had sent by then is told or not, as it came.
    private static func story(_ bytes: [UInt8], _ size: Int) throws -> [String]? {
        let session = try ServerSession(configuration: configuration, now: .uptimeNanoseconds(0))
        var story: [String] = []
        var data: (stream: StreamID, bytes: [UInt8])?
        for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + max(1, size), bytes.count)])
            do { try session.receive(piece, now: .uptimeNanoseconds(0)) } catch { return nil }
            guard try !hasReset(session) else { return nil }
            while let event = session.nextEvent() {
                if case .flooded = event { return nil }
                if case .data(let stream, let buffer) = event {
                    if data?.stream == stream {
                        data?.bytes += Array(buffer.readableBytesView)
                        continue
                    }
                    if let data { story.append("\(data)") }
                    data = (stream, Array(buffer.readableBytesView))
                    continue
                }
                if let data { story.append("\(data)") }
                data = nil
                story.append("\(event)")
            }
        }
        if let data { story.append("\(data)") }
        return story
    }

    /// Takes the output; whether there is a RST_STREAM (3) or a GOAWAY (7) in it.
    private static func hasReset(_ session: ServerSession) throws -> Bool {
        var output: [UInt8] = []
        while let piece = try session.takeOutput(limit: 65536) { output += Array(piece.readableBytesView) }
        var start = 0
        while start + 9 <= output.count {
            if output[start + 3] == 3 || output[start + 3] == 7 { return true }
            start += 9 + Int(output[start]) << 16 + Int(output[start + 1]) << 8 + Int(output[start + 2])
        }
        return false
    }

    /// A server that answers everything, as the transport does.
    private static func serve(_ bytes: [UInt8], _ size: Int) throws {
        let session = try ServerSession(configuration: configuration, now: .uptimeNanoseconds(0))
        var server = FuzzedServer(session)
        for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + max(1, size), bytes.count)])
            var isOver = false
            do { try session.receive(piece, now: .uptimeNanoseconds(0)) } catch { isOver = true }
            try server.react()
            try server.write()
            if isOver || !session.wantsToRead { break }
        }
        try promise(server.received <= bytes.count, "more data than was sent")
        try promise(server.written <= 4096 + 200 * bytes.count, "\(server.written) bytes for \(bytes.count)")
    }

    private static let configuration: SessionConfiguration = {
        var configuration = SessionConfiguration()
        configuration.maxConcurrentStreams = 20
        configuration.maxHeaderListSize = 2048
        configuration.resets = .init(burst: 20, perSecond: 1)
        configuration.control = .init(burst: 50, perSecond: 1)
        return configuration
    }()
}

/// Answers requests with a body and trailers, and holds the session's events against each other.
private struct FuzzedServer {
    let session: ServerSession
    var received = 0
    var written = 0
    private var open: Set<StreamID> = []
    private var closed: Set<StreamID> = []
    private var ended: Set<StreamID> = []

    init(_ session: ServerSession) { self.session = session }

    mutating func react() throws {
        while let event = session.nextEvent() {
            switch event {
            case .request(let stream, let headers):
                try promise(open.insert(stream).inserted && !closed.contains(stream), "a stream twice")
                let size = headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
                try promise(size <= 2048, "a header list of \(size)")
                try promise(!headers.isTooLarge || headers.fields.isEmpty, "keeps what is too large")
                answer(stream, headers)
            case .data(let stream, let buffer):
                try promise(!closed.contains(stream) && !ended.contains(stream), "data behind the end")
                received += buffer.readableBytes
                session.consume(buffer.readableBytes, of: stream)
                session.consumeConnection(buffer.readableBytes)
            case .endOfRequest(let stream):
                try promise(ended.insert(stream).inserted, "two ends")
                session.finish(stream, trailers: [HeaderField("grpc-status", "0")])
            case .closed(let stream, _):
                try promise(closed.insert(stream).inserted, "closed twice")
            default: break
            }
        }
    }

    private func answer(_ stream: StreamID, _ headers: RequestHeaders) {
        let value = headers.fields.first { $0.name == "x" }?.value ?? ""
        PlantedTrap.here(value.utf8.count == 4 && value.utf8.first != 0x6e)
        switch headers.fields.count % 4 {
        case 0: session.respond(stream, headers: [HeaderField(":status", "404")], isLast: true)
        case 1: session.reset(stream, .cancel)
        default:
            session.respond(stream, headers: [HeaderField(":status", "200")], isLast: false)
            session.write([UInt8](repeating: 7, count: 100), to: stream)
        }
    }

    mutating func write() throws {
        while let output = try? session.takeOutput(limit: 1000) {
            written += output.readableBytes
            try promise(written < 1 << 22, "output without end")
        }
        try react()
    }
}
