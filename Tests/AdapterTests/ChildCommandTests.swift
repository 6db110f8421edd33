import ChildProcess
import Glibc
import Synchronization
import Testing

@Suite("Child processes", .timeLimit(.minutes(10)))
struct ChildCommandTests {
    private func shell(_ script: String, timeout: Duration? = .seconds(30)) -> ChildCommand {
        ChildCommand(executable: "/bin/sh", arguments: ["-c", script], timeout: timeout)
    }

    /// In this time a shell does its first things, however slow the machine is; a life line tells when it has not.
    private static let enoughToBegin = Duration.seconds(5)

    @Test("stdout and stderr are kept apart, and the exit code is passed on")
    func streams() async throws {
        let result = try await shell("echo out; echo err >&2; exit 7").run()
        #expect(result.end == .code(7))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
        #expect(!result.succeeded)
    }

    @Test("death by a signal is told from an exit code")
    func signals() async throws {
        #expect(try await shell("kill -9 $$").run().end == .signal(9))
    }

    @Test("input reaches the program, also when it is large, and one that does not read does no harm")
    func input() async throws {
        var command = shell("wc -c")
        command.input = [UInt8](repeating: 65, count: 1 << 20)
        #expect(try await command.run().outputText == "1048576\n")
        command.arguments = ["-c", "exit 0"]
        #expect(try await command.run().succeeded)
        command.input = nil
        command.arguments = ["-c", "wc -c"]
        #expect(try await command.run().outputText == "0\n")
    }

    @Test("the environment is the one given, and arguments are not interpreted")
    func environment() async throws {
        // What could leak is there. Nothing is added to it: other tests read the environment at the same time.
        try #require(getenv("PATH") != nil)
        let command = ChildCommand(
            executable: "/usr/bin/env", arguments: ["printf", "%s|", "$HOME", "a b", ""], environment: ["A": "x\ny"],
            timeout: .seconds(30))
        #expect(try await command.run().outputText == "$HOME|a b||")
        let all = ChildCommand(
            executable: "/usr/bin/env", arguments: [], environment: ["A": "x\ny"], timeout: .seconds(30))
        #expect(try await all.run().outputText == "A=x\ny\n")
    }

    @Test("output beyond the limit is read and dropped; of stderr the end is kept")
    func limits() async throws {
        var command = shell(
            "head -c 3000000 /dev/zero; head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 3")
        command.outputLimit = 1000
        command.errorLimit = 100
        let result = try await command.run()
        #expect(result.end == .code(3))
        #expect(result.output.count == 1000)
        #expect(result.outputWasCut)
        #expect(result.error.count == 100)
        #expect(result.errorWasCut)
        #expect(result.errorText.hasSuffix("xend\n"))
    }

    @Test("at the timeout the whole process group dies, and the error says how long it had")
    func timeouts() async throws {
        let directory = try TemporaryDirectory()
        let life = try LifeLine(in: directory)
        let command = shell(
            "trap '' TERM; exec 3>\(life.path); sleep 600 & sleep 600; sleep 600", timeout: Self.enoughToBegin)
        async let ended: Void = life.end()
        await #expect(throws: ChildError.timedOut(program: "/bin/sh", after: Self.enoughToBegin)) {
            try await command.run()
        }
        try await ended
    }

    @Test("what the program left in its group dies with it, though it ignores SIGTERM and the program does not")
    func stubbornGrandchild() async throws {
        let directory = try TemporaryDirectory()
        let life = try LifeLine(in: directory)
        let command = shell(
            "exec 3>\(life.path); (trap '' TERM; exec sleep 600) >/dev/null 2>&1 & exec sleep 600",
            timeout: Self.enoughToBegin)
        async let ended: Void = life.end()
        await #expect(throws: ChildError.timedOut(program: "/bin/sh", after: Self.enoughToBegin)) {
            try await command.run()
        }
        try await ended
    }

    @Test("a cancelled run kills the program and says so")
    func cancellation() async throws {
        let directory = try TemporaryDirectory()
        let lines = AsyncStream.makeStream(of: Void.self)
        let life = try LifeLine(in: directory)
        let command = shell("exec 3>\(life.path); echo ready; exec sleep 600", timeout: nil)
        async let ended: Void = life.end()
        let run = Task {
            do throws(ChildError) {
                _ = try await command.runLines(lineLimit: 100) { _ in lines.continuation.yield() }
                return nil as ChildError?
            } catch {
                return error
            }
        }
        for await _ in lines.stream { break }
        run.cancel()
        #expect(await run.value == .cancelled(program: "/bin/sh"))
        try await ended
    }

    @Test("a grandchild that holds the output does not keep the caller waiting")
    func grandchild() async throws {
        let result = try await shell("sleep 600 & echo $!").run()
        let grandchild = try #require(pid_t(result.outputText.dropLast()))
        // It is there: nobody waited for it, and it is not left to run on.
        #expect(kill(grandchild, SIGKILL) == 0)
    }

    @Test("a program that is not there or not executable cannot be run")
    func missing() async throws {
        for path in ["/nonexistent/program", "/etc/passwd", "/etc"] {
            let command = ChildCommand(executable: path, arguments: [], timeout: .seconds(30))
            let error = await #expect(throws: ChildError.self) { try await command.run() }
            guard case .notStarted(path, _)? = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("lines come as they are printed, the last one only when it is whole")
    func lines() async throws {
        let seen = Mutex<[String]>([])
        let result = try await shell("printf 'a\\n\\nb c\\nrest'; exit 2").runLines(lineLimit: 100) { line in
            seen.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(result.end == .code(2))
        #expect(seen.withLock { $0 } == ["a", "", "b c"])
    }

    @Test("a line that is too long ends the program")
    func longLine() async throws {
        let command = shell("head -c 100000 /dev/zero; sleep 600", timeout: nil)
        await #expect(throws: ChildError.lineTooLong(program: "/bin/sh", limit: 5000)) {
            try await command.runLines(lineLimit: 5000) { _ in }
        }
    }
}

@Suite("Cutting lines", .timeLimit(.minutes(10)))
struct LineSplitterTests {
    @Test("gives the same lines however the bytes come in", arguments: 1...9)
    func chunks(size: Int) {
        let text = Array("one\n\ntwo three\nfour\nrest".utf8)
        var splitter = LineSplitter(limit: 20)
        var lines: [String] = []
        var start = 0
        while start < text.count {
            let chunk = Array(text[start..<min(start + size, text.count)])
            let fits = chunk.withUnsafeBytes { bytes in
                splitter.feed(bytes) { lines.append(String(decoding: $0, as: UTF8.self)) }
            }
            #expect(fits)
            start += size
        }
        #expect(lines == ["one", "", "two three", "four"])
    }

    @Test("stops at a line above the limit, also one without an end", arguments: ["123456\n", "123456"])
    func limit(text: String) {
        var splitter = LineSplitter(limit: 5)
        let fits = Array(text.utf8).withUnsafeBytes { splitter.feed($0) { _ in } }
        #expect(!fits)
    }
}
