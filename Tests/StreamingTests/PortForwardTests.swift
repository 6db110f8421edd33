import Domain
import DomainFakes
import Glibc
import NIOCore
import Testing
import Waiting

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct PortForwardTests {
    private func headers(_ type: String, _ port: String, _ request: String) -> [(name: String, value: String)] {
        [("streamtype", type), ("port", port), ("requestid", request)]
    }

    /// Both streams of one connection.
    private func connect(
        _ client: SPDYClient, _ port: String, _ request: String
    ) async throws -> (error: SPDYStreamID, data: SPDYStreamID) {
        (try await client.open(headers("error", port, request)), try await client.open(headers("data", port, request)))
    }

    private func accept(_ harness: StreamingHarness) async throws -> FakePortForwarding.Connection {
        for await connection in harness.node.live.accepted { return connection }
        throw CancellationError()
    }

    /// Plays a server in the pod: answers each connection with what it heard until its end.
    private func echo(_ connection: FakePortForwarding.Connection) {
        Task.detached {
            var (heard, buffer): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65536))
            while case let count = read(connection.descriptor, &buffer, buffer.count), count > 0 {
                heard += buffer[..<count]
            }
            var sent = 0
            while sent < heard.count {
                let count = heard[sent...].withUnsafeBytes { write(connection.descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                sent += count
            }
            close(connection.descriptor)
        }
    }

    @Test func `connections go to and fro over SPDY, each with its end`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                for number in 0..<3 {
                    let streams = try await connect(client, "80", "\(number)")
                    echo(try await accept(harness))
                    try await client.send("request \(number)", on: streams.data, fin: true)
                    #expect(try await client.readAll(of: streams.data) == "request \(number)")
                    #expect(try await client.readAll(of: streams.error) == "")
                }
            }
            #expect(harness.node.live.forwardings.count == 1)
            try await until("the way to be closed") { harness.node.live.forwardings[0].isClosed }
        }
    }

    @Test func `a refused port is told, and the session goes on`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                let refused = try await connect(client, "81", "a")
                #expect(
                    try await client.readAll(of: refused.error) == "forwarding port 81: port 81: connection refused")
                let served = try await connect(client, "80", "b")
                echo(try await accept(harness))
                try await client.send("x", on: served.data, fin: true)
                #expect(try await client.readAll(of: served.data) == "x")
            }
        }
    }

    @Test func `the end of the pod is the end of the session, whether there are connections or not`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                let streams = try await connect(client, "80", "a")
                let connection = try await accept(harness)
                defer { close(connection.descriptor) }
                try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { idle in
                    try await WebSocketClient.open(harness, harness.forward([80]), "v4.channel.k8s.io") { channels in
                        let other = try await accept(harness)
                        defer { close(other.descriptor) }
                        try await harness.useCases.stopPodSandbox(harness.pod)
                        let (heard, code) = try await channels.readAll()
                        let error = String(decoding: (heard[1] ?? []).dropFirst(2), as: UTF8.self)
                        #expect(error.contains("pod \(harness.pod) is not ready") && code == 1000)
                    }
                    #expect(try await idle.readAll() == [:])
                }
                let error = try await client.readAll()[streams.error] ?? []
                #expect(String(decoding: error, as: UTF8.self).contains("pod \(harness.pod) is not ready"))
            }
            try await until("the ways to be closed") { harness.node.live.forwardings.allSatisfy(\.isClosed) }
        }
    }

    @Test func `a client that goes away is let go of when its last connection is over`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                let streams = try await connect(client, "80", "a")
                let connection = try await accept(harness)
                try await client.send(.goAway(lastGoodStream: 0, status: 0))
                // What is open goes on; what is new is refused.
                let late = try await client.open(headers("error", "80", "b"))
                await #expect(throws: SPDYClient.Reset.self) { _ = try await client.readAll(of: late) }
                echo(connection)
                try await client.send("x", on: streams.data, fin: true)
                #expect(try await client.readAll(of: streams.data) == "x")
                try await client.send("", on: streams.error, fin: true)
                _ = try await client.readAll()
            }
            try await until("the way to be closed") { harness.node.live.forwardings[0].isClosed }
        }
    }

    @Test("ports that are none, and streams of no kind, are reset", arguments: ["0", "65536", "-1", "", "http", "+80"])
    func badPort(port: String) async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                let bad = try await client.open(headers("data", port, "a"))
                await #expect(throws: SPDYClient.Reset.self) { _ = try await client.readAll(of: bad) }
                let kind = try await client.open(headers("stdin", "80", "a"))
                await #expect(throws: SPDYClient.Reset.self) { _ = try await client.readAll(of: kind) }
            }
        }
    }

    @Test func `a client without request ids is understood`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await SPDYClient.open(harness, harness.forward(), "portforward.k8s.io") { client in
                _ = try await client.open([("streamtype", "error"), ("port", "80")])
                let data = try await client.open([("streamtype", "data"), ("port", "80")])
                echo(try await accept(harness))
                try await client.send("x", on: data, fin: true)
                #expect(try await client.readAll(of: data) == "x")
            }
        }
    }

    @Test func `over a WebSocket's channels each port is one connection`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await WebSocketClient.open(harness, harness.forward([80, 81]), "v4.channel.k8s.io") { client in
                let connection = try await accept(harness)
                try await client.send(0, "hello")
                var buffer = [UInt8](repeating: 0, count: 5)
                #expect(read(connection.descriptor, &buffer, 5) == 5)
                #expect(buffer == Array("hello".utf8))
                write(connection.descriptor, Array("bye".utf8), 3)
                close(connection.descriptor)
                let (channels, code) = try await client.readAll()
                #expect(channels[0] == [80, 0] + Array("bye".utf8))
                #expect(channels[1] == [80, 0])
                #expect(channels[2] == [81, 0])
                let error = String(decoding: (channels[3] ?? []).dropFirst(2), as: UTF8.self)
                #expect(error == "forwarding port 81: port 81: connection refused")
                #expect(code == 1000)
            }
        }
    }

    @Test func `SPDY is tunnelled through a WebSocket`() async throws {
        try await StreamingHarness.serve { harness in
            harness.node.live.listen(on: 80)
            try await WebSocketClient.open(harness, harness.forward(), "SPDY/3.1+portforward.k8s.io") { client in
                let writer = try SPDYFrameWriter()
                var bytes = ByteBuffer()
                for (id, type) in [(SPDYStreamID(1), "error"), (3, "data")] {
                    let headers = SPDYHeaders(headers(type, "80", "a"))
                    try writer.write(.synStream(id, headers: headers, fin: false, unidirectional: false), to: &bytes)
                }
                try writer.write(.data(3, ByteBuffer(string: "hello"), fin: true), to: &bytes)
                // In messages that have nothing to do with the frames.
                let all = Array(bytes.readableBytesView)
                for start in stride(from: 0, to: all.count, by: 7) {
                    try await client.send(2, Array(all[start..<min(start + 7, all.count)]))
                }
                echo(try await accept(harness))
                var reader = try SPDYFrameReader()
                var text = ""
                while true {
                    reader.append(ByteBuffer(bytes: try await client.frame().bytes))
                    var isEnded = false
                    while let frame = try reader.next() {
                        guard case .data(3, let bytes, let fin) = frame else { continue }
                        text += String(buffer: bytes)
                        isEnded = fin
                    }
                    if isEnded { break }
                }
                #expect(text == "hello")
            }
        }
    }
}
