import Domain
import DomainFakes
import NIOCore
import NIOEmbedded
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

    @Test func `those who only sit there keep nobody out`() async throws {
        try await StreamingHarness.serve {
            $0.strangers = 2
            // Nobody goes by himself within the test.
            $0.strangersStay = .hours(1)
        } _: { harness in
            try await RawClient.connect(harness) { _ in
                try await RawClient.connect(harness) { _ in
                    // Which of them comes in first is not said: one that is pushed out itself comes again.
                    try await until("a session") {
                        (try? await code(harness, "POST", harness.exec(["true"]), spdy)) == "101"
                    }
                }
            }
        }
    }

    @Test func `the oldest that has sent no request makes way, one that reads an answer last`() throws {
        let connections = StreamingConnections()
        let channels = (0..<6).map { _ in EmbeddedChannel() }
        func open() -> [Int] { channels.indices.filter { channels[$0].isActive } }
        for channel in channels { try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait() }
        for channel in channels.prefix(4) {
            #expect(connections.add(channel, strangers: 4))
        }
        connections.admit(channels[0])
        connections.dismiss(channels[1])
        #expect(connections.add(channels[4], strangers: 4))
        #expect(open() == [0, 1, 2, 3, 4, 5])
        #expect(connections.add(channels[5], strangers: 4))
        #expect(open() == [0, 1, 3, 4, 5])
    }

    @Test(
        "an address for everybody is given out as one of this machine",
        arguments: [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
    func wildcard(host: String, named: String) async throws {
        let (node, tickets) = (FakeNode(), SingleUseTickets())
        var ports = node.ports
        ports.tickets = tickets
        let useCases = UseCases(ports: ports)
        let pod = try await useCases.runPodSandbox(.fake())
        var configuration = StreamingServer.Configuration()
        configuration.host = host
        let (addresses, sink) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = StreamingServer(configuration, tickets: tickets, useCases: useCases) { sink.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await address in addresses {
                let url = try useCases.portForward.address(into: pod, ports: [])
                #expect(url.hasPrefix("http://\(named):\(address.port ?? 0)/portforward/"), "\(url)")
                break
            }
            group.cancelAll()
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
