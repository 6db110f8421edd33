import Domain
import DomainFakes
import Glibc
import JSON
import NIOCore
import Testing
import Waiting

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct WebSocketExecTests {
    private func status(_ channels: [UInt8: [UInt8]]) throws -> JSON { try JSON(parsing: channels[3] ?? []) }

    @Test("a command's output and its end", arguments: ["v5.channel.k8s.io", "v4.channel.k8s.io"])
    func output(version: String) async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["echo", "hello"]), version) { client in
                let (channels, code) = try await client.readAll()
                #expect(channels[1] == Array("hello\n".utf8))
                #expect(try status(channels)["status"] == "Success")
                #expect(code == 1000)
            }
        }
    }

    @Test func `an exit code is where kubectl looks for it`() async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["sh", "-c", "exit 7"]), "v4.channel.k8s.io") {
                client in
                let status = try status(try await client.readAll().channels)
                #expect(status["status"] == "Failure")
                #expect(status["reason"] == "NonZeroExitCode")
                #expect(status["details"]?["causes"]?[0] == ["reason": "ExitCode", "message": "7"])
            }
            try await WebSocketClient.open(harness, harness.exec(["sh", "-c", "exit 7"]), "") { client in
                let text = try await client.readAll().channels[3] ?? []
                #expect(String(decoding: text, as: UTF8.self).contains("exit code 7"))
            }
        }
    }

    @Test func `input goes in, and ends by itself in v5`() async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["cat"], stdin: true), "v5.channel.k8s.io") { client in
                try await client.send(0, "one ")
                try await client.send(9, Array("ping".utf8))
                try await client.send(0, "two")
                try await client.send(2, [255, 0])
                let (channels, _) = try await client.readAll()
                #expect(channels[1] == Array("one two".utf8))
                #expect(try status(channels)["status"] == "Success")
            }
        }
    }

    @Test func `base64 says the same in text`() async throws {
        try await StreamingHarness.serve { harness in
            let path = try harness.exec(["echo", "hello"])
            try await WebSocketClient.open(harness, path, "v4.base64.channel.k8s.io") { client in
                let (channels, _) = try await client.readAll()
                #expect(channels[UInt8(ascii: "1")] == Array("aGVsbG8K".utf8))
            }
        }
    }

    @Test(
        "what is not base64, or no text, ends the session, and the command with it",
        arguments: [
            ("v4.base64.channel.k8s.io", "0aGVs!!!!"), ("v4.base64.channel.k8s.io", "0aGVsb"),
            ("v5.channel.k8s.io", nil),
            ("base64.channel.k8s.io", "0=aGk"),
        ] as [(String, String?)])
    func malformed(version: String, text: String?) async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["sleep"], stdin: true), version) { client in
                let session = try await harness.nextSession()
                try await client.send(1, text.map { Array($0.utf8) } ?? [0, 0xff])
                let (_, code) = try await client.readAll()
                #expect(code == 1007)
                try await until("the command's end") { session.isCancelled }
            }
        }
    }

    @Test func `a server that ends waits until its clients have read how their sessions ended`() async throws {
        let (results, sink) = AsyncStream.makeStream(of: (bytes: Int, status: JSON?, code: UInt16?).self)
        let (held, letGo) = AsyncStream.makeStream(of: Void.self)
        try await StreamingHarness.serve { harness in
            let path = try harness.exec(["yes"])
            Task.detached {
                try await WebSocketClient.open(harness, path, "v4.channel.k8s.io") { client in
                    for await _ in held { break }
                    let (channels, code) = try await client.readAll()
                    sink.yield((channels[1]?.count ?? 0, try? JSON(parsing: channels[3] ?? []), code))
                }
                sink.finish()
            }
            let session = try await harness.nextSession()
            let output = try #require(session.far.output)
            _ = fcntl(output, F_SETFL, O_NONBLOCK)
            let block = [UInt8](repeating: 121, count: 64 * 1024)
            // Until the server has all that it takes for a client that does not read.
            var (sent, stuck) = (0, 0)
            while stuck < 2000 {
                let count = write(output, block, block.count)
                (sent, stuck) = count > 0 ? (sent + count, 0) : (sent, stuck + 1)
                if count <= 0 { await Task.yield(); usleep(100) }
            }
            // The client begins to read when the server has begun to end.
            Task.detached {
                try await until("the end of the session") { session.isCancelled }
                letGo.yield()
            }
        }
        var result: (bytes: Int, status: JSON?, code: UInt16?)?
        for await one in results { result = one }
        #expect(result?.status?["status"] == "Failure")
        #expect(result?.code == 1000)
    }

    @Test func `a terminal has its size before the command begins, and another later`() async throws {
        // As long as it takes: a size that came too late would be no fault.
        try await StreamingHarness.serve({ $0.times.size = .minutes(5) }) { harness in
            let path = try harness.exec(["top"], stdin: true, tty: true)
            try await WebSocketClient.open(harness, path, "v5.channel.k8s.io") { client in
                try await client.send(4, #"{"Width":80,"Height":24}"#)
                let session = try await harness.nextSession()
                #expect(session.sizes.first == TerminalSize(columns: 80, rows: 24))
                try await client.send(4, #"{"Width":100,"Height":0}{"Width":100,"Height":40}"#)
                try await until("the other size") { session.sizes.last == TerminalSize(columns: 100, rows: 40) }
                session.finish(0)
                _ = try await client.readAll()
            }
        }
    }

    @Test func `a client that leaves ends a command, and leaves what it is attached to alone`() async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["sleep"], stdin: true), "v4.channel.k8s.io") {
                client in
                _ = try await client.frame()
            }
            let session = try await harness.nextSession()
            try await until("its end") { session.isCancelled }
            try await WebSocketClient.open(harness, harness.attach(), "v4.channel.k8s.io") { client in
                _ = try await client.frame()
            }
            let attached = try await harness.nextSession()
            try await until("its end") { attached.isCancelled }
        }
    }

    @Test func `a grandchild that holds the pipe does not hold the session`() async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["daemon"]), "v4.channel.k8s.io") { client in
                let session = try await harness.nextSession()
                let held = dup(try #require(session.far.output))
                defer { close(held) }
                let text = Array("last words".utf8)
                write(held, text, text.count)
                session.finish(0)
                let (channels, _) = try await client.readAll()
                #expect(channels[1] == text)
            }
        }
    }

    @Test func `a client that does not read is not read for`() async throws {
        try await StreamingHarness.serve { harness in
            try await WebSocketClient.open(harness, harness.exec(["yes"]), "v4.channel.k8s.io") { client in
                let session = try await harness.nextSession()
                let output = try #require(session.far.output)
                _ = fcntl(output, F_SETFL, O_NONBLOCK)
                let block = [UInt8](repeating: 121, count: 64 * 1024)
                var (sent, stuck) = (0, 0)
                // What is taken in for a client that reads nothing has an end, and that soon.
                while stuck < 2000 {
                    let count = write(output, block, block.count)
                    if count > 0 {
                        (sent, stuck) = (sent + count, 0)
                    } else {
                        stuck += 1; await Task.yield(); usleep(100)
                    }
                    try #require(sent < 32 << 20)
                }
                session.finish(0)
                let (channels, _) = try await client.readAll()
                #expect(channels[1]?.count == sent)
            }
        }
    }

    @Test func `an engine that fails says so in the status`() async throws {
        try await StreamingHarness.serve { harness in
            let path = try harness.exec(["/does/not/exist"])
            try await WebSocketClient.open(harness, path, "v5.channel.k8s.io") { client in
                let status = try status(try await client.readAll().channels)
                #expect(status["reason"] == "BadRequest")
                #expect(status["message"]?.stringValue?.contains("no such file") == true)
            }
            let late = try harness.exec(["true"])
            try await harness.useCases.stopContainer(harness.container, grace: .zero)
            try await WebSocketClient.open(harness, late, "v5.channel.k8s.io") { client in
                let status = try status(try await client.readAll().channels)
                #expect(status["message"]?.stringValue?.contains("running containers only") == true)
                #expect(status["reason"] == "Conflict" && status["code"] == 409)
            }
        }
    }
}
