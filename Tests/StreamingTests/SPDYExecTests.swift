import Domain
import DomainFakes
import JSON
import NIOCore
import Testing
import Waiting

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct SPDYExecTests {
    @Test func `a client that goes away and resets its streams has left`() async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.exec(["sleep"]), "v4.channel.k8s.io") { client in
                let streams = [try await client.open("error"), try await client.open("stdout")]
                let session = try await harness.nextSession()
                try await client.send(.goAway(lastGoodStream: 0, status: 0))
                #expect(!session.isCancelled)
                for id in streams { try await client.send(.rstStream(id, status: 5)) }
                try await until("its end") { session.isCancelled }
                _ = try await client.readAll()
            }
        }
    }

    @Test("a command's input, output and end", arguments: ["v4", "v3", "v2"])
    func command(version: String) async throws {
        try await StreamingHarness.serve { harness in
            let path = try harness.exec(["cat"], stdin: true)
            try await SPDYClient.open(harness, path, "\(version).channel.k8s.io") { client in
                let (error, stdin) = (try await client.open("error"), try await client.open("stdin"))
                let stdout = try await client.open("stdout")
                try await client.send("hello", on: stdin, fin: true)
                let streams = try await client.readAll()
                #expect(streams[stdout] == Array("hello".utf8))
                let status = String(decoding: streams[error] ?? [], as: UTF8.self)
                #expect(version == "v4" ? status.contains(#""status":"Success""#) : status.isEmpty)
            }
        }
    }

    @Test func `an exit code is where kubectl looks for it, and in text before v4`() async throws {
        try await StreamingHarness.serve { harness in
            func error(_ version: String) async throws -> [UInt8] {
                try await SPDYClient.open(harness, harness.exec(["sh", "-c", "exit 7"]), version) { client in
                    let error = try await client.open("error")
                    _ = try await client.open("stdout")
                    return try await client.readAll()[error] ?? []
                }
            }
            let status = try JSON(parsing: try await error("v4.channel.k8s.io"))
            #expect(status["details"]?["causes"]?[0] == ["reason": "ExitCode", "message": "7"])
            #expect(String(decoding: try await error("channel.k8s.io"), as: UTF8.self).contains("exit code 7"))
        }
    }

    @Test func `a terminal is resized, and a resize without a terminal is refused`() async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.exec(["top"], stdin: true, tty: true), "v4.channel.k8s.io") {
                client in
                for type in ["error", "stdin", "stdout"] { _ = try await client.open(type) }
                let resize = try await client.open("resize")
                try await client.send("{\"Width\":80,\"Height\":24}\n", on: resize)
                let session = try await harness.nextSession()
                #expect(session.sizes.first == TerminalSize(columns: 80, rows: 24))
                session.finish(0)
                _ = try await client.readAll()
            }
            try await SPDYClient.open(harness, harness.exec(["sleep"]), "v4.channel.k8s.io") { client in
                _ = try await client.open("error")
                let resize = try await client.open("resize")
                await #expect(throws: SPDYClient.Reset.self) { _ = try await client.readAll(of: resize) }
            }
        }
    }

    @Test func `streams that make no sense are reset, and the others go on`() async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.exec(["cat"], stdin: true), "v4.channel.k8s.io") { client in
                let error = try await client.open("error")
                let bad = [
                    try await client.open("error"), try await client.open("nonsense"), try await client.open([]),
                ]
                for id in bad {
                    await #expect(throws: SPDYClient.Reset.self) { _ = try await client.readAll(of: id) }
                }
                let (stdin, stdout) = (try await client.open("stdin"), try await client.open("stdout"))
                try await client.send(.ping(5))
                try await client.send("x", on: stdin, fin: true)
                let streams = try await client.readAll()
                #expect(streams[stdout] == Array("x".utf8))
                #expect(streams[error]?.isEmpty == false)
            }
        }
    }

    @Test func `a window that a client keeps is kept to, and one that it does not keep is not`() async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.exec(["cat"], stdin: true), "v4.channel.k8s.io") { client in
                _ = try await client.open("error")
                let (stdin, stdout) = (try await client.open("stdin"), try await client.open("stdout"))
                try await client.send(.windowUpdate(stdout, delta: 10))
                let sent = String(repeating: "x", count: 100_000)
                try await client.send(sent, on: stdin, fin: true)
                var received = 0
                while received < 65546 {
                    if case .data(stdout, let bytes, _) = try await client.frame() { received += bytes.readableBytes }
                }
                #expect(received == 65546)
                try await client.send(.windowUpdate(stdout, delta: 1_000_000))
                let rest = try await client.readAll()[stdout]?.count
                #expect(received + (rest ?? 0) == sent.utf8.count)
            }
            try await SPDYClient.open(harness, harness.exec(["cat"], stdin: true), "v4.channel.k8s.io") { client in
                _ = try await client.open("error")
                let (stdin, stdout) = (try await client.open("stdin"), try await client.open("stdout"))
                let sent = String(repeating: "x", count: 300_000)
                try await client.send(sent, on: stdin, fin: true)
                #expect(try await client.readAll()[stdout]?.count == sent.utf8.count)
            }
        }
    }

    @Test func `a client that opens no streams is sent away in time`() async throws {
        try await StreamingHarness.serve {
            $0.times.creation = .seconds(3)
        } _: { harness in
            try await SPDYClient.open(harness, harness.exec(["true"]), "v4.channel.k8s.io") { client in
                let error = try await client.open("error")
                let text = String(decoding: try await client.readAll()[error] ?? [], as: UTF8.self)
                #expect(text.contains("not all streams were opened in time"))
            }
        }
    }

    @Test func `a session that breaks ends with GOAWAY, and the command with it`() async throws {
        try await StreamingHarness.serve { harness in
            try await SPDYClient.open(harness, harness.exec(["sleep"]), "v4.channel.k8s.io") { client in
                _ = (try await client.open("error"), try await client.open("stdout"))
                let session = try await harness.nextSession()
                try await client.send(.data(0, ByteBuffer(string: "x"), fin: false))
                _ = try await client.readAll()
                try await until("its end") { session.isCancelled }
            }
            // The server is none the worse for it.
            try await SPDYClient.open(harness, harness.exec(["true"]), "v4.channel.k8s.io") { client in
                _ = (try await client.open("error"), try await client.open("stdout"))
                _ = try await client.readAll()
            }
        }
    }
}
