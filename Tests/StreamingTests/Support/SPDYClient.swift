import NIOCore
import Testing

@testable import Streaming

/// The client's side of a SPDY session, as small as it can be.
final class SPDYClient {
    private let raw: RawClient
    private var reader: SPDYFrameReader
    private let writer: SPDYFrameWriter
    private var next: SPDYStreamID = 1

    init(_ raw: RawClient) throws {
        self.raw = raw
        reader = try SPDYFrameReader()
        writer = try SPDYFrameWriter()
    }

    static func upgrade(_ versions: String) -> [(String, String)] {
        [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", versions)]
    }

    static func open<Value: Sendable>(
        _ harness: StreamingHarness, _ path: String, _ version: String,
        _ body: @Sendable @escaping (SPDYClient) async throws -> Value
    ) async throws -> Value {
        try await RawClient.connect(harness) { raw in
            let head = try await raw.request("POST", path, upgrade(version))
            try #require(head.hasPrefix("HTTP/1.1 101 "), "\(head)")
            return try await body(SPDYClient(raw))
        }
    }

    func send(_ frame: SPDYFrame) async throws {
        var bytes = ByteBuffer()
        try writer.write(frame, to: &bytes)
        try await raw.send(bytes)
    }

    func frame() async throws -> SPDYFrame {
        while true {
            reader.append(raw.buffer)
            raw.buffer = ByteBuffer()
            if let frame = try reader.next() { return frame }
            try await raw.readMore()
        }
    }

    /// Opens a stream, without waiting for the reply.
    func open(_ headers: [(name: String, value: String)]) async throws -> SPDYStreamID {
        defer { next += 2 }
        try await send(.synStream(next, headers: SPDYHeaders(headers), fin: false, unidirectional: false))
        return next
    }

    func open(_ type: String) async throws -> SPDYStreamID { try await open([("streamtype", type)]) }

    func send(_ text: String, on id: SPDYStreamID, fin: Bool = false) async throws {
        try await send(.data(id, ByteBuffer(string: text), fin: fin))
    }

    /// What each stream had to say, until the server goes away.
    func readAll() async throws -> [SPDYStreamID: [UInt8]] {
        var streams: [SPDYStreamID: [UInt8]] = [:]
        while true {
            switch try await frame() {
            case .data(let id, let bytes, _): streams[id, default: []] += bytes.readableBytesView
            case .goAway: return streams
            default: break
            }
        }
    }

    /// What one stream has to say until its end.
    func readAll(of wanted: SPDYStreamID) async throws -> String {
        var text: [UInt8] = []
        while true {
            switch try await frame() {
            case .data(let id, let bytes, let fin) where id == wanted:
                text += bytes.readableBytesView
                if fin { return String(decoding: text, as: UTF8.self) }
            case .rstStream(let id, _) where id == wanted: throw Reset()
            default: break
            }
        }
    }

    struct Reset: Error {}
}
