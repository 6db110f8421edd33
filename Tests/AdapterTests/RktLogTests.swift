import Domain
import Glibc
import Logging
import Testing

@testable import RktCLI

@Suite("Logs of containers on rkt", .timeLimit(.minutes(5)))
struct RktLogTests {
    private static let stamp = "2026-11-30T14:00:20.056924347Z"

    private func container(_ directory: TemporaryDirectory, _ state: ContainerState = .running) -> Container {
        Container(
            id: Samples.containerID, podID: Samples.podID, config: Samples.plainContainer, imageID: ImageID("sha512-1"),
            logPath: directory.path + "/pods/web/main/0.log", state: state, createdAt: .now)
    }

    private func logs(_ directory: TemporaryDirectory) -> RktLogs {
        let logs = RktLogs(
            RktStateDirectory(in: directory.path), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        logs.makeDirectory(of: Samples.podID)
        return logs
    }

    private func write(_ text: String, _ logs: RktLogs) throws {
        let path = "\(logs.directory(of: Samples.podID))/\(Samples.containerID)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    @Test(
        "rkt's lines become lines of the CRI, long ones in pieces, whatever the reads are cut into",
        arguments: [997, 4096, 100_000])
    func text(step: Int) {
        let long = String(repeating: "x", count: 40_000)
        let raw = Array("\(Self.stamp) stdout one\n\(Self.stamp) stdout \n\(Self.stamp) stdout \(long)\n".utf8)
        var text = RktLogText()
        var (made, waiting): ([UInt8], [UInt8]) = ([], [])
        for start in stride(from: 0, to: raw.count, by: step) {
            waiting += raw[start..<min(start + step, raw.count)]
            let (count, lines) = text.read(waiting[...], takingRest: false, isOver: false)
            waiting.removeFirst(count)
            made += lines
        }
        let pieces = [16384, 16384, 40_000 - 32768].map { String(repeating: "x", count: $0) }
        #expect(
            String(decoding: made, as: UTF8.self).split(separator: "\n").map(String.init) == [
                "\(Self.stamp) stdout F one", "\(Self.stamp) stdout F ", "\(Self.stamp) stdout P \(pieces[0])",
                "\(Self.stamp) stdout P \(pieces[1])", "\(Self.stamp) stdout F \(pieces[2])",
            ])
        #expect(waiting.isEmpty)
    }

    @Test("what is no file, in rkt's place or in the log's, is neither read nor written, and keeps nobody waiting")
    func others() async throws {
        let directory = try TemporaryDirectory()
        let logs = logs(directory)
        let container = container(directory)
        let source = "\(logs.directory(of: Samples.podID))/\(Samples.containerID)"
        try directory.write("secret", "\(Self.stamp) stdout secret\n")
        for make in [
            { symlink(directory.path + "/secret", source) }, { mkfifo(source, 0o600) }, { mkdir(source, 0o700) },
        ] {
            #expect(make() == 0)
            await logs.follow(container)
            #expect(directory.text("pods/web/main/0.log") == nil)
            await logs.finish(container.id)
            rmdir(source)
        }
        try write("\(Self.stamp) stdout one\n", logs)
        directory.makeDirectory("pods")
        directory.makeDirectory("pods/web")
        directory.makeDirectory("pods/web/main")
        #expect(mkfifo(directory.path + "/pods/web/main/0.log", 0o600) == 0)
        await logs.follow(container)
        await #expect(throws: DomainError.self) { try await logs.reopen(container) }
        unlink(directory.path + "/pods/web/main/0.log")
        try await logs.reopen(container)
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F one\n")
    }

    @Test("what comes is in the log, and the rest without a line's end once the container has ended")
    func copies() async throws {
        let directory = try TemporaryDirectory()
        let logs = logs(directory)
        try write("\(Self.stamp) stdout one\n\(Self.stamp) stdout tw", logs)
        await logs.follow(container(directory))
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F one\n")
        await logs.follow(container(directory, .exited))
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F one\n\(Self.stamp) stdout F tw\n")
        await logs.finish(Samples.containerID)
        #expect(directory.names("rktlet/logs/\(Samples.podID)").isEmpty)
    }

    @Test("lines that are written later come without anybody asking")
    func follows() async throws {
        let directory = try TemporaryDirectory()
        let logs = logs(directory)
        try write("", logs)
        await logs.follow(container(directory))
        let running = Task { await logs.run() }
        defer { running.cancel() }
        try write("\(Self.stamp) stdout one\n", logs)
        while directory.text("pods/web/main/0.log") != "\(Self.stamp) stdout F one\n" { await Task.yield() }
    }

    @Test("after a restart it goes on where it was, and what was half done at a crash is there once")
    func restarts() async throws {
        let directory = try TemporaryDirectory()
        let first = logs(directory)
        try write("\(Self.stamp) stdout one\n", first)
        await first.follow(container(directory))
        let path = directory.path + "/pods/web/main/0.log"
        // Written to the log, and the daemon died before it wrote down that it was.
        let descriptor = open(path, O_WRONLY | O_APPEND)
        try #require(Glibc.write(descriptor, "\(Self.stamp) stdout F tw", 40) > 0)
        close(descriptor)
        try write("\(Self.stamp) stdout two\n", first)
        await logs(directory).follow(container(directory))
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F one\n\(Self.stamp) stdout F two\n")
        await logs(directory).follow(container(directory))
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F one\n\(Self.stamp) stdout F two\n")
    }

    @Test("a rotation loses and doubles nothing")
    func rotates() async throws {
        let directory = try TemporaryDirectory()
        let logs = logs(directory)
        try write("\(Self.stamp) stdout one\n", logs)
        await logs.follow(container(directory))
        let path = directory.path + "/pods/web/main/0.log"
        try #require(rename(path, path + ".1") == 0)
        try await logs.reopen(container(directory))
        #expect(directory.text("pods/web/main/0.log") == "")
        try write("\(Self.stamp) stdout two\n", logs)
        await logs.follow(container(directory))
        #expect(directory.text("pods/web/main/0.log") == "\(Self.stamp) stdout F two\n")
        #expect(directory.text("pods/web/main/0.log.1") == "\(Self.stamp) stdout F one\n")
    }

    @Test("rkt's file gives back the space of what was copied, and keeps its size")
    func givesBack() async throws {
        let directory = try TemporaryDirectory()
        let logs = logs(directory)
        try write(String(repeating: "\(Self.stamp) stdout \(String(repeating: "x", count: 1000))\n", count: 1500), logs)
        await logs.follow(container(directory))
        var status = stat()
        #expect(lstat("\(logs.directory(of: Samples.podID))/\(Samples.containerID)", &status) == 0)
        #expect(status.st_size > 1_500_000)
        #expect(status.st_blocks * 512 < 1 << 20)
    }
}
