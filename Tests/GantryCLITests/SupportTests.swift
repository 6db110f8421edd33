import Testing

@testable import GantryCommands

@Suite("Durations on the command line")
struct DurationArgumentTests {
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

@Suite("The order of arguments")
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

@Suite("Output for people")
struct OutputTests {
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
