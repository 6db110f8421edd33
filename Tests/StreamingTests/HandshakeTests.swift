import DomainFakes
import Testing
import Waiting

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct HandshakeTests {
    private func answer(
        _ harness: StreamingHarness, _ method: String, _ path: String, _ headers: [(String, String)]
    ) async throws -> String {
        try await RawClient.connect(harness) { client in
            let head = try await client.request(method, path, headers)
            if !head.hasPrefix("HTTP/1.1 101 ") { _ = try await client.readToEnd() }
            return head
        }
    }

    private func code(
        _ harness: StreamingHarness, _ method: String, _ path: String, _ headers: [(String, String)]
    ) async throws -> String {
        try await String(answer(harness, method, path, headers).dropFirst(9).prefix(3))
    }

    private let spdy = SPDYClient.upgrade("v4.channel.k8s.io")

    @Test func `what is not served, not allowed or not known is refused with the right status`() async throws {
        try await StreamingHarness.serve { harness in
            let exec = { @Sendable in try harness.exec(["true"]) }
            #expect(try await code(harness, "POST", "/", spdy) == "404")
            #expect(try await code(harness, "POST", "/exec/", spdy) == "404")
            #expect(try await code(harness, "POST", "/exec/0123", spdy) == "404")
            #expect(try await code(harness, "PUT", try exec(), spdy) == "405")
            #expect(try await code(harness, "POST", try exec(), []) == "400")
            #expect(
                try await code(harness, "POST", try exec(), [("Connection", "Upgrade"), ("Upgrade", "h2c")]) == "400")
            #expect(try await code(harness, "POST", try exec(), Array(spdy.prefix(2))) == "400")
            #expect(try await code(harness, "POST", try exec(), SPDYClient.upgrade(" , ")) == "400")
            let forbidden = try await answer(harness, "POST", exec(), SPDYClient.upgrade("v9.channel.k8s.io"))
            #expect(forbidden.hasPrefix("HTTP/1.1 403 "))
            #expect(forbidden.contains("X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io"))
            #expect(try await code(harness, "POST", try exec(), SPDYClient.upgrade("portforward.k8s.io")) == "403")
            #expect(try await code(harness, "POST", try exec(), WebSocketClient.upgrade) == "405")
            let subprotocol = [("Sec-WebSocket-Protocol", "v9.channel.k8s.io")]
            #expect(try await code(harness, "GET", try exec(), WebSocketClient.upgrade + subprotocol) == "403")
            #expect(try await code(harness, "GET", try exec(), Array(WebSocketClient.upgrade.prefix(3))) == "400")
            #expect(try await code(harness, "GET", try harness.forward(), WebSocketClient.upgrade) == "400")
            let fields = (spdy + [("Content-Length", "1")]).map { "\($0): \($1)\r\n" }.joined()
            let cut = try await RawClient.connect(harness) { client in
                try await client.send("POST \(exec()) HTTP/1.1\r\nHost: a\r\n\(fields)\r\nx")
                return try await client.readToEnd()
            }
            #expect(cut.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func `a token is used up by whoever presents it`() async throws {
        try await StreamingHarness.serve { harness in
            let path = try harness.exec(["true"])
            #expect(try await code(harness, "POST", path, []) == "400")
            #expect(try await code(harness, "POST", path, spdy) == "404")
        }
    }

    @Test func `the first protocol that is served is taken, from one list or several`() async throws {
        try await StreamingHarness.serve { harness in
            let several = SPDYClient.upgrade("v9.channel.k8s.io, v3.channel.k8s.io") + [spdy[2]]
            let head = try await answer(harness, "POST", harness.exec(["true"]), several)
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("X-Stream-Protocol-Version: v3.channel.k8s.io"))
            let offered = [("Sec-WebSocket-Protocol", "x, v5.channel.k8s.io, v4.channel.k8s.io")]
            let socket = try await answer(harness, "GET", harness.exec(["true"]), WebSocketClient.upgrade + offered)
            #expect(socket.contains("Sec-WebSocket-Protocol: v5.channel.k8s.io"))
            #expect(socket.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        }
    }

    @Test func `garbage is answered, and the server goes on`() async throws {
        try await StreamingHarness.serve { harness in
            let long = "GET " + String(repeating: "x", count: 200_000)
            for text in ["\u{16}\u{3}\u{1}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", long] {
                _ = try? await RawClient.connect(harness) { client in
                    try await client.send(text)
                    return try await client.readToEnd()
                }
            }
            let path = try harness.exec(["true"])
            let code = try await code(harness, "POST", path, spdy)
            #expect(code == "101")
        }
    }

    @Test func `sessions end with the server, each with the reason`() async throws {
        let node = try await withThrowingTaskGroup(of: Void.self) { group in
            let (nodes, sink) = AsyncStream.makeStream(of: FakeNode.self)
            group.addTask {
                try await StreamingHarness.serve { harness in
                    _ = try await WebSocketClient.open(harness, harness.exec(["sleep"]), "v4.channel.k8s.io") {
                        client in
                        _ = try await harness.nextSession()
                        sink.yield(harness.node)
                        return try await client.readAll()
                    }
                }
            }
            for await node in nodes {
                group.cancelAll()
                return node
            }
            throw CancellationError()
        }
        try await until("its end") { node.live.sessions.allSatisfy(\.isCancelled) }
    }
}
