import Domain
import Glibc
import LogFiles
import Testing

@Suite(.timeLimit(.minutes(10))) struct LogFilesTests {
    private func write(_ text: String, to path: String, append: Bool = true) throws {
        let file = try #require(fopen(path, append ? "a" : "w"))
        fputs(text, file)
        fclose(file)
    }

    private func line(_ text: String, second: Int = 0, stream: String = "stdout", tag: String = "F") -> String {
        "2026-01-02T15:04:0\(second).000000007Z \(stream) \(tag) \(text)\n"
    }

    private func texts(_ path: String, _ query: LogQuery) async throws -> [String] {
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        end.finish()
        var texts: [String] = []
        for try await lines in try LogFiles().lines(of: path, query, ended: ended) {
            texts += lines.map { String(decoding: $0.content, as: UTF8.self) }
        }
        return texts
    }

    @Test func `tail, since and stream choose lines; a file that is not there has none`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/0.log"
        #expect(try await texts(path, LogQuery()) == [])
        try write(
            line("a") + line("b", second: 1, stream: "stderr") + "no line of a log\n" + line("c", second: 2), to: path)
        #expect(try await texts(path, LogQuery()) == ["a", "b", "c"])
        for (tail, expected) in [(0, []), (1, ["c"]), (3, ["b", "c"]), (9, ["a", "b", "c"])] as [(Int, [String])] {
            var query = LogQuery()
            query.tail = tail
            #expect(try await texts(path, query) == expected)
        }
        var query = LogQuery()
        query.since = Timestamp(rfc3339: "2026-01-02T15:04:01Z")
        #expect(try await texts(path, query) == ["b", "c"])
        query.stream = .stdout
        #expect(try await texts(path, query) == ["c"])
    }

    @Test func `following goes on across a rotation and ends when the writer has`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/0.log"
        try write(line("one"), to: path)
        var query = LogQuery()
        query.follow = true
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        var iterator = try LogFiles().lines(of: path, query, ended: ended).makeAsyncIterator()
        func next() async throws -> [String]? {
            try await iterator.next()?.map { String(decoding: $0.content, as: UTF8.self) }
        }
        #expect(try await next() == ["one"])
        try write(line("two"), to: path)
        #expect(try await next() == ["two"])
        #expect(rename(path, path + ".old") == 0)
        try write(line("three"), to: path + ".old")
        #expect(try await next() == ["three"])
        try write(line("four"), to: path)
        #expect(try await next() == ["four"])
        // A line that is being written is not yet one.
        try write("2026-01-02T15:04:05Z stdout F fi", to: path)
        try write("ve\n", to: path)
        #expect(try await next() == ["five"])
        end.finish()
        #expect(try await next() == nil)
    }

    @Test func `what is no regular file is refused`() async throws {
        let directory = try TemporaryDirectory()
        #expect(symlink("/etc/passwd", directory.path + "/link") == 0)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe"] {
            await #expect(throws: DomainError.self) { try await texts(directory.path + "/" + name, LogQuery()) }
        }
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-02T15:04:05.000000007Z", 1_767_366_245_000_000_007),
            ("2024-02-29T12:00:00.5+01:00", 1_709_204_400_500_000_000), ("2023-02-29T12:00:00Z", nil),
            ("2026-1-2T15:04:05Z", nil),
            ("2026-01-02T15:04:05", nil), ("2026-01-02T25:04:05Z", nil), ("", nil), ("2026-01-02T15:04:05.Z", nil),
        ] as [(String, Int64?)])
    func `times are read as RFC 3339 has them`(text: String, nanoseconds: Int64?) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    }
}
