import GantryCore
import JSON
import Testing

@testable import GantryCommands

@Suite("Durations on the command line", .timeLimit(.minutes(10)))
struct DurationArgumentTests {
    @Test(arguments: [("0s", 0), ("1ns", 1), ("500us", 1), ("999999ns", 1), ("1ms", 1), ("1000001ns", 2), ("2s", 2000)])
    func `a time that is not nothing is at least a millisecond`(text: String, milliseconds: Int64) {
        #expect(DurationArgument(argument: text)?.milliseconds == milliseconds)
    }

    @Test(
        "are Go's, or seconds",
        arguments: [
            ("10s", 10_000_000_000), ("500ms", 500_000_000), ("2m", 120_000_000_000), ("0s", 0), ("0", 0),
            ("7", 7_000_000_000),
            ("1h30m", 5_400_000_000_000), ("1.5s", 1_500_000_000), ("0.25", 250_000_000), ("3us", 3000), ("9ns", 9),
        ] as [(String, Int64)])
    func reads(_ text: String, _ nanoseconds: Int64) {
        #expect(DurationArgument(argument: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "are refused when they make no sense",
        arguments: [
            "", "s", "-1s", "-1", "1x", "10 s", "1e9", "nan", "inf", "1..5s", "99999999999999999999", "99999999999h",
            ".5s", "5s5",
        ])
    func refuses(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }
}

@Suite("The order of arguments", .timeLimit(.minutes(10)))
struct ArgumentOrderTests {
    @Test(
        "is rkt's, with global options in front",
        arguments: [
            (["list"], ["list"]),
            (["--dir=/d", "list"], ["list", "--dir=/d"]),
            (["--dir", "/d", "--debug", "app", "add", "P", "I"], ["app", "add", "--dir", "/d", "--debug", "P", "I"]),
            (
                ["--debug=false", "--insecure-options=image", "image", "fetch", "x"],
                ["image", "fetch", "--debug=false", "--insecure-options=image", "x"]
            ),
            (["--dir=/d", "app", "exec", "P", "ls", "--dir"], ["app", "exec", "--dir=/d", "P", "ls", "--dir"]),
            (["--help"], ["--help"]), (["--dir=/d", "--help"], ["--dir=/d", "--help"]), ([], []),
            (["--dir"], ["--dir"]),
            (["app", "list", "--dir=/d"], ["app", "list", "--dir=/d"]),
            (["--dir=/d", "app", "--help"], ["app", "--dir=/d", "--help"]),
        ])
    func moves(_ words: [String], _ expected: [String]) {
        #expect(ArgumentOrder.normalized(words) == expected)
    }
}

@Suite("Words that only rkt knows", .timeLimit(.minutes(10)))
struct RktWordsTests {
    @Test(
        "--debug may have a value, but for words of the app's own",
        arguments: [
            (["list", "--debug"], ["list", "--debug"]), (["list", "--debug=true"], ["list", "--debug"]),
            (["--debug=false", "list"], ["list"]),
            (["--debug=1", "app", "add", "P", "I"], ["--debug", "app", "add", "P", "I"]),
            (["list", "--debug=maybe"], ["list", "--debug=maybe"]),
            (
                ["--debug=false", "app", "exec", "--app=a", "P", "ls", "--debug=false"],
                ["app", "exec", "--app=a", "P", "ls", "--debug=false"]
            ),
            (["app", "add", "P", "I", "--", "--debug=false"], ["app", "add", "P", "I", "--", "--debug=false"]),
        ])
    func debug(_ words: [String], _ expected: [String]) {
        #expect(RktWords.translated(words) == expected)
    }

    @Test(
        "a stage 1 is of no interest",
        arguments: [
            ["app", "sandbox", "--stage1-name=x.io/y", "--uuid=1"],
            ["app", "sandbox", "--stage1-path", "/x", "--uuid=1"],
        ])
    func stage1(_ words: [String]) {
        #expect(RktWords.translated(words) == ["app", "sandbox", "--uuid=1"])
    }

    @Test("an error in words that make no sense is JSON where that was asked for")
    func format() {
        #expect(CommandLineEntry.wantsJSON(["list", "--nonsense", "--format", "json"]))
        #expect(CommandLineEntry.wantsJSON(["list", "--format=json"]))
        #expect(!CommandLineEntry.wantsJSON(["list", "--format", "table", "json"]))
    }
}

@Suite("Several operands", .timeLimit(.minutes(10)))
struct EachOperandTests {
    @Test("are all tried, and a failure is the end's")
    func goesOn() {
        var seen: [String] = []
        let error = #expect(throws: EngineError.self) {
            try EachOperand.run(["a", "b", "c"], title: "rm") { (name) throws(EngineError) in
                seen.append(name)
                if name != "c" { throw EngineError(.invalid, name) }
            }
        }
        #expect(seen == ["a", "b", "c"] && error?.message == "b")
    }
}

@Suite("Output for people", .timeLimit(.minutes(10)))
struct OutputTests {
    @Test("says times as people do")
    func times() {
        let second: Int64 = 1_767_225_600
        #expect(Readable.time(second, at: (second + 120) * 1_000_000_000) == "2026-01-01 00:00:00 UTC (2 minutes ago)")
        #expect(
            Readable.time(second * 1_000_000_000, at: second * 1_000_000_000)
                == "2026-01-01 00:00:00 UTC (0 seconds ago)")
        let lines = RecordText.lines(
            of: [
                "created_at": 1, "created_at_ns": .integer(second * 1_000_000_000), "finished_at": 0, "exit_code": 3,
            ])
        #expect(
            lines.count == 2 && lines[0].hasPrefix("created_at: 2026-01-01 00:00:00 UTC (")
                && lines[1] == "exit_code: 3")
    }

    @Test("stands in columns")
    func aligns() {
        var table = Table(["NAME", "STATE"])
        table.add(["a", "running"])
        table.add(["longer", ""])
        #expect(table.text == "NAME    STATE\na       running\nlonger  -")
    }

    @Test(
        "names sizes",
        arguments: [
            (0, "0B"), (1023, "1023B"), (1024, "1.0KiB"), (1_572_864, "1.5MiB"), (5_368_709_120, "5.0GiB"),
            (Int64.max, "8388608.0TiB"),
        ] as [(Int64, String)])
    func sizes(_ bytes: Int64, _ text: String) {
        #expect(Readable.bytes(bytes) == text)
    }

    @Test(
        "names ages",
        arguments: [
            (0, "0 seconds ago"), (1, "1 second ago"), (59, "59 seconds ago"), (60, "1 minute ago"),
            (7200, "2 hours ago"), (86400 * 3, "3 days ago"), (-5, "0 seconds ago"),
        ] as [(Int64, String)])
    func ages(_ seconds: Int64, _ text: String) {
        let now: Int64 = 1_800_000_000_000_000_000
        #expect(Readable.age(of: now - seconds * 1_000_000_000, at: now) == text)
        #expect(Readable.age(of: nil, at: now) == "" && Readable.age(of: 0, at: now) == "")
    }

    @Test("of a record leaves out what is empty")
    func records() {
        let record = RecordText.lines(
            of: ["b": 1, "a": "x", "empty": "", "none": [], "null": nil, "list": ["y"], "hidden": 2],
            without: ["hidden"])
        #expect(record == ["a: x", "b: 1", "list: [\"y\"]"])
    }
}

@Suite("The words of commands of many operands", .timeLimit(.minutes(10)))
struct CommandWordsTests {
    private let many = (0..<100).map { "x\($0)" }

    @Test(
        "all operands arrive, in order, wherever they stand",
        arguments: [
            ["rm", "--debug"], ["rm", "--"], ["rm", "--dir", "/d"], ["rm", "--dir", "/d", "--"],
            ["rm", "--dir=/d", "--run-dir", "/r"],
        ])
    func operandsOfRemove(_ words: [String]) throws {
        let parsed = try #require(try CommandWords.parse(words + many) as? PodRemove)
        #expect(parsed.pods == many)
        #expect(
            parsed.globals.dir == (words.contains("--dir") || words.contains("--dir=/d") ? "/d" : "/var/lib/rktlet"))
    }

    @Test("options behind operands are options still")
    func optionsBehind() throws {
        let words = ["image", "rm"] + many + ["--format", "json", "y", "--dir=/d", "--", "--z"]
        let parsed = try #require(try CommandWords.parse(words) as? ImageRemove)
        #expect(parsed.images == many + ["y", "--z"])
        #expect(parsed.output.format == .json && parsed.globals.dir == "/d")
    }

    @Test("words that no command takes are refused", arguments: [["status"], ["list"], ["stop", "--"], ["gc", "--"]])
    func surplus(_ words: [String]) {
        #expect(throws: (any Error).self) { try CommandWords.parse(words + many) }
    }

    @Test("more words than the parser is given are refused")
    func bound() throws {
        let flags = { (count: Int) in ["rm", "x"] + [String](repeating: "--debug", count: count) }
        #expect(throws: (any Error).self) { try CommandWords.parse(flags(CommandWords.most - 1)) }
    }
}

@Suite("How a supervisor ended", .timeLimit(.minutes(10)))
struct SupervisorDeathTests {
    @Test(
        "is said in words, where the service manager says so",
        arguments: [
            ("signal", "killed", "KILL", "its supervisor was killed by SIGKILL"),
            ("core-dump", "dumped", "SEGV", "its supervisor crashed with SIGSEGV"),
            ("exit-code", "exited", "1", "its supervisor ended with status 1"),
            ("oom-kill", "killed", "KILL", "its supervisor was killed by SIGKILL: the kernel was out of memory"),
            ("timeout", "killed", "KILL", "its supervisor was killed by SIGKILL: it did not start or stop in time"),
        ])
    func words(_ result: String, _ code: String, _ status: String, _ words: String) {
        #expect(SupervisorDeath.words(result: result, code: code, status: status) == words)
    }

    @Test(
        "is nothing where it is not said",
        arguments: [
            (nil, nil, nil), ("signal", nil, "KILL"), ("signal", "killed", nil), ("signal", "else", "KILL"),
            ("signal", "killed", "K\nILL"), ("", "killed", "KILL"),
        ] as [(String?, String?, String?)])
    func nothing(_ result: String?, _ code: String?, _ status: String?) {
        #expect(SupervisorDeath.words(result: result, code: code, status: status) == nil)
    }
}
