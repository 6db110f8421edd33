import Glibc
import Testing
import YAML

/// What a text may make the reader hold, and how long it may keep it: each limit where it still holds, and one beyond.
@Suite(.timeLimit(.minutes(10))) struct YAMLLimitsTests {
    private func problem(_ text: String) -> String? {
        do {
            _ = try YAMLDocument.read(text.utf8)
            return nil
        } catch {
            return error.message
        }
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    private static func anchors(_ count: Int) -> String {
        (0..<count).map { "- &a\($0) x\n" }.joined()
    }

    private static func aliases(_ count: Int) -> String {
        "- &a x\n" + String(repeating: "- *a\n", count: count)
    }

    /// An anchored text of 1024 bytes and aliases of it.
    private static func bytes(_ kilobytes: Int) -> String {
        "- &a " + String(repeating: "x", count: 1024) + "\n" + String(repeating: "- *a\n", count: kilobytes - 1)
    }

    private static func blocks(_ depth: Int) -> String {
        (0..<depth).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    }

    @Test(arguments: [
        (nested(32), nested(33), "nested too deep"), (blocks(32), blocks(33), "nested too deep"),
        (anchors(1_000), anchors(1_001), "more than 1000 anchors"),
        (aliases(10_000), aliases(10_001), "more than 10000 aliases"),
        (bytes(4_096), bytes(4_097), "more than 4194304 bytes"),
        (
            String(repeating: "- x\n", count: 99_999), String(repeating: "- x\n", count: 100_000),
            "more than 100000 values"
        ),
        (
            "- &" + String(repeating: "x", count: 256) + " y", "- &" + String(repeating: "x", count: 257) + " y",
            "more than 256"
        ),
    ])
    func `each limit, and one step over it`(within: String, beyond: String, part: String) {
        #expect(problem(within) == nil)
        #expect(problem(beyond)?.contains(part) == true, "\(problem(beyond) ?? "taken")")
    }

    @Test func `a name means what had it last, and not what it is being given to`() throws {
        #expect(problem("- &a x\n- &a [*a]\n")?.contains("without its anchor") == true)
        guard case .sequence(let elements)? = try YAMLDocument.read("- &a x\n- *a\n- &a y\n- *a\n".utf8)?.content else {
            Issue.record("no sequence")
            return
        }
        #expect(elements.map(\.text) == ["x", "x", "y", "y"])
    }

    private static let size = 2 << 20

    private static func filled(_ unit: String, before: String = "") -> [UInt8] {
        var bytes = Array(before.utf8)
        while bytes.count < size { bytes += Array(unit.utf8) }
        return bytes
    }

    /// Texts of 2 MiB; what is quadratic in libyaml takes ten seconds of them and more.
    private static let hostile: [(name: String, bytes: [UInt8])] = [
        ("nested flow", filled("[")), ("nested flow, a level a line", filled("[\n")), ("nested blocks", filled("- ")),
        ("nested mappings", filled("{a: ")), ("nested keys", filled("? ")),
        ("many tokens below 31 levels", filled("a,", before: String(repeating: "[", count: 31))),
        (
            "nested keys of brackets",
            filled(String(repeating: "[", count: 28) + String(repeating: "]:1", count: 28) + ",", before: "[")
        ),
        ("anchors", filled("- &a x\n")), ("aliases", filled("*a,", before: "[&a [],")),
        ("one anchor", filled("x", before: "- &")),
        ("keys that are nearly too long", filled(String(repeating: "a", count: 1020) + ": b, ", before: "{")),
        ("tag directives", (0..<100_000).flatMap { "%TAG !a\($0)! tag:x\n".utf8 } + Array("---\na".utf8)),
        (
            "tag directives of a second document",
            Array("a\n...\n".utf8) + (0..<100_000).flatMap { "%TAG !a\($0)! tag:x\n".utf8 } + Array("---\na".utf8)
        ),
        (
            "a long tag prefix",
            Array("%TAG !a! ".utf8) + [UInt8](repeating: 120, count: size / 2) + filled("- !a!x y\n", before: "\n---\n")
        ),
        ("documents", filled("---\n")), ("lines of one letter", filled("a\n")),
        ("blanks", filled("\n", before: "a: |\n")),
        ("aliases of a large text", filled("- *a\n", before: "- &a " + String(repeating: "x", count: 65_536) + "\n")),
    ]

    @Test("no text takes longer than its length says", arguments: hostile.map(\.name))
    func time(name: String) throws {
        let bytes = try #require(Self.hostile.first { $0.name == name }).bytes
        let start = Self.processorTime()
        _ = try? YAMLDocument.read(bytes)
        #expect(Self.processorTime() - start < 3)
    }

    /// Seconds of this thread.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
