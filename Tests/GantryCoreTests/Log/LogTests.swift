import Glibc
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct LogTests {
    let scratch = Scratch()
    var path: String { "\(scratch.path)/log" }
    let time: Int64 = 1_700_000_000_000_000_007
    let stamp = "2023-11-14T22:13:20.000000007Z"

    private func write(_ log: LogFile, _ stream: LogStream, _ text: String) {
        Array(text.utf8).withUnsafeBytes { log.write(stream, $0, at: time) }
    }

    private func lines() -> [String] {
        (Scratch.text(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"), (951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        (1_735_689_599_123_456_789, "2024-12-31T23:59:59.123456789Z"),
    ])
    func `Times are RFC 3339 in UTC`(nanoseconds: Int64, text: String) {
        var output: [UInt8] = []
        LogTime.append(nanoseconds, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test func `Lines of both streams are tagged, empty ones too`() throws {
        let log = try LogFile(path)
        write(log, .stdout, "one\n\ntwo\n")
        write(log, .stderr, "err\n")
        #expect(
            lines() == [
                "\(stamp) stdout F one", "\(stamp) stdout F ", "\(stamp) stdout F two", "\(stamp) stderr F err", "",
            ])
    }

    @Test func `A line that comes in pieces is one line, and streams do not mix`() throws {
        let log = try LogFile(path)
        write(log, .stdout, "on")
        write(log, .stderr, "er")
        #expect(lines() == [""])
        write(log, .stdout, "e\n")
        write(log, .stderr, "r\n")
        #expect(lines() == ["\(stamp) stdout F one", "\(stamp) stderr F err", ""])
    }

    @Test func `What never got its line feed is a part at the end`() throws {
        let log = try LogFile(path)
        write(log, .stdout, "done\nprompt> ")
        log.end(.stdout, at: time)
        log.end(.stderr, at: time)
        #expect(lines() == ["\(stamp) stdout F done", "\(stamp) stdout P prompt> ", ""])
    }

    /// Joins the parts as a reader does.
    private func joined() -> String {
        lines().dropLast().map { line in
            let fields = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            return String(fields[3]) + (fields[2] == "F" ? "\n" : "")
        }.joined()
    }

    @Test(arguments: [16383, 16384, 16385, 32768, 32769, 50000], [1, 7, 4096, 16384, 65536])
    func `Long lines are cut at 16 KiB and join to what was written`(length: Int, chunk: Int) throws {
        let log = try LogFile(path)
        let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) }) + "\nshort\n"
        let bytes = Array(text.utf8)
        let step = length > 20000 ? max(chunk, 1000) : chunk
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { log.write(.stdout, $0, at: time) }
        }
        #expect(joined() == text)
        let tags = lines().dropLast().map { $0.dropFirst(stamp.count + 8).prefix(1) }
        #expect(tags.filter { $0 == "P" }.count == (length - 1) / 16384)
        #expect(lines().allSatisfy { $0.utf8.count <= 16384 + stamp.count + 10 })
    }

    @Test func `The file is appended to, mode 0640, parents made`() throws {
        let deep = "\(scratch.path)/a/b/0.log"
        let old = umask(0)
        defer { umask(old) }
        do {
            let log = try LogFile(deep)
            write(log, .stdout, "one\n")
        }
        let log = try LogFile(deep)
        write(log, .stdout, "two\n")
        #expect(Scratch.text(deep) == "\(stamp) stdout F one\n\(stamp) stdout F two\n")
        var info = stat()
        #expect(stat(deep, &info) == 0 && info.st_mode & 0o7777 == 0o640)
    }

    @Test func `Reopening goes on in a new file and loses and doubles nothing`() throws {
        let log = try LogFile(path)
        write(log, .stdout, "one\nhal")
        rename(path, path + ".old")
        write(log, .stdout, "")
        write(log, .stderr, "late\n")
        try log.reopen()
        write(log, .stdout, "f\n")
        #expect(Scratch.text(path + ".old") == "\(stamp) stdout F one\n\(stamp) stderr F late\n")
        #expect(Scratch.text(path) == "\(stamp) stdout F half\n")
    }

    @Test func `A failed reopen makes no file and logging goes on as before`() throws {
        let log = try LogFile(path)
        write(log, .stdout, "one\n")
        rename(path, path + ".old")
        symlink("\(scratch.path)/elsewhere", path)
        let error = try #require(throws: EngineError.self) { try log.reopen() }
        #expect(error.message.contains("symbolic link"))
        #expect(!Scratch.exists("\(scratch.path)/elsewhere"))
        write(log, .stdout, "two\n")
        #expect(Scratch.text(path + ".old") == "\(stamp) stdout F one\n\(stamp) stdout F two\n")
    }

    @Test func `A directory that cannot be made is named`() throws {
        let error = try #require(throws: EngineError.self) { try LogFile("/proc/none/deeper/0.log") }
        #expect(error.message.contains("make directory /proc/none: "))
    }

    @Test func `A FIFO or a directory in its place is refused without hanging`() throws {
        mkfifo(path, 0o600)
        #expect(throws: EngineError.self) { try LogFile(path) }
        #expect(throws: EngineError.self) { try LogFile(scratch.path) }
    }

    /// Writes that take at most `step` bytes each, and none once `room` is used up.
    private func cramp(_ log: LogFile, step: Int, room: Int) {
        var left = room
        log.system = { descriptor, bytes, count in
            guard left > 0 else {
                errno = ENOSPC
                return -1
            }
            let done = Glibc.write(descriptor, bytes, min(step, count, left))
            left -= max(0, done)
            return done
        }
    }

    @Test func `Short writes are gone on with`() throws {
        let log = try LogFile(path)
        cramp(log, step: 3, room: 1000)
        write(log, .stdout, "one\ntwo\n")
        #expect(lines() == ["\(stamp) stdout F one", "\(stamp) stdout F two", ""])
        #expect(log.dropped == 0 && log.lastError == nil)
    }

    @Test(arguments: 0...120)
    func `A full disk costs whole lines, which are counted, and logging goes on when there is room`(room: Int) throws {
        let log = try LogFile(path)
        cramp(log, step: 50, room: room)
        write(log, .stdout, "one\ntwo\n")
        write(log, .stdout, "three\n")
        let lost = log.dropped
        log.system = { Glibc.write($0, $1, $2) }
        write(log, .stdout, "four\n")
        let kept = lines().dropLast()
        #expect(kept.last == "\(stamp) stdout F four")
        #expect(kept.allSatisfy { $0.hasPrefix("\(stamp) stdout F ") })
        #expect(kept.count - 1 + Int(lost) == 3)
        #expect(log.dropped == lost && log.lastError == nil)
    }

    /// What a line costs must not depend on how many there are: the buffer never grows, and is written when it is full.
    @Test(arguments: [0, 1, 2, 100, 16384, 1_000_000])
    func `A flood of lines of any length is written in pieces of bounded size`(length: Int) throws {
        let log = try LogFile(path)
        var (writes, written, largest) = (0, 0, 0)
        log.system = { _, _, count in
            writes += 1
            written += count
            largest = max(largest, count)
            return count
        }
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: length) + [UInt8(ascii: "\n")]
        var bytes: [UInt8] = []
        while bytes.count < 2 << 20 { bytes += line }
        for start in stride(from: 0, to: bytes.count, by: OutputPump.share) {
            bytes[start..<min(start + OutputPump.share, bytes.count)].withUnsafeBytes {
                log.write(.stdout, $0, at: time)
            }
        }
        #expect(largest <= LogBuffer.size)
        // Each read ends with a write, and each full buffer is one; a buffer is as full as its next line lets it be.
        let reads = bytes.count / OutputPump.share + 1
        #expect(writes <= reads + written / (LogBuffer.size - LogLines.pieceSize - 64) + 1)
        #expect(written >= bytes.count - LogLines.pieceSize)
    }
}
