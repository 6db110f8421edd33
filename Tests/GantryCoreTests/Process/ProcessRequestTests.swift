import Glibc
import Testing

@testable import GantryCore

@Suite("Processes that the engine starts", .timeLimit(.minutes(10)))
struct ProcessRequestTests {
    private func shell(_ script: String) -> ProcessRequest { ProcessRequest("/bin/sh", ["sh", "-c", script]) }

    @Test("get the arguments and the environment that are named, and no other")
    func argumentsAndEnvironment() throws {
        // What could be inherited is there. Nothing is added to it: other tests read the environment at the same time.
        try #require(getenv("PATH") != nil)
        var request = ProcessRequest("/usr/bin/env", ["env"])
        request.environment = ["A=b"]
        #expect(String(decoding: try Command(request).run().output, as: UTF8.self) == "A=b\n")
        let said = try Command(ProcessRequest("/bin/sh", ["name", "-c", "echo $0 $1", "zero", "one"])).run()
        #expect(String(decoding: said.output, as: UTF8.self) == "zero one\n")
    }

    @Test("get the descriptors that are named, under their numbers, and none that closes on exec")
    func descriptors() throws {
        let (named, other) = (try Pipe(), try Pipe())
        var request = shell("echo said >&5; readlink /proc/self/fd/* >&5; exit 3")
        request.descriptors = [nil, nil, nil, nil, nil, named.writer.raw]
        let pid = try request.spawn()
        named.writer.close()
        var text = [UInt8](repeating: 0, count: 4096)
        var length = 0
        while case let count = read(named.reader.raw, &text[length], text.count - length), count > 0 { length += count }
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid && status == 3 << 8)
        let said = String(decoding: text[..<length], as: UTF8.self)
        #expect(said.hasPrefix("said\n"))
        var file = stat()
        #expect(fstat(other.reader.raw, &file) == 0)
        #expect(!said.contains("pipe:[\(file.st_ino)]"), "\(said)")
    }

    @Test("begin with no signal blocked and with SIGPIPE as by default")
    func signals() throws {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &set, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let status = try Command(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status")).run()
        let lines = String(decoding: status.output, as: UTF8.self).split(separator: "\n")
        let masks = lines.compactMap { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
        try #require(masks.count == 2)
        #expect(masks[0] == 0)
        #expect(masks[1] & (1 << UInt64(SIGPIPE - 1)) == 0)
    }

    @Test("have the OOM score that is asked for, or an ordinary one, whatever the caller's is", arguments: [0, 500])
    func scores(own: Int64) throws {
        func score(_ score: OOMScore) throws -> Int64? {
            var request = ProcessRequest("/bin/cat", ["cat", "/proc/self/oom_score_adj"])
            request.oomScore = score
            return Int64(String(decoding: try Command(request).run().output, as: UTF8.self).dropLast())
        }
        let before = try Files.readText("/proc/self/oom_score_adj")
        #expect(try score(.exactly(own)) == own)
        #expect(try score(.exactly(1000)) == 1000)
        #expect(try score(.ordinary) == max(0, Int64(before.dropLast()) ?? 0))
        #expect(try Files.readText("/proc/self/oom_score_adj") == before)
    }

    @Test("that cannot be executed are an error with its reason, and leave no child")
    func failures() throws {
        let missing = #expect(throws: EngineError.self) { try ProcessRequest("/nonexistent", ["x"]).spawn() }
        #expect(missing?.message.contains("/nonexistent") == true)
        let directory = #expect(throws: EngineError.self) { try ProcessRequest("/etc", ["x"]).spawn() }
        #expect(directory?.message.contains("/etc") == true)
    }

    @Test("are not run from a copy that is a script, nor from one that is not there")
    func noCopy() {
        #expect(CrunBinary(path: "/usr/bin/ldd").readOnlyCopy() == nil)
        #expect(CrunBinary(path: "/nonexistent").readOnlyCopy() == nil)
    }

    @Test("run from a read-only copy of their executable")
    func readOnlyCopy() throws {
        let binary = CrunBinary(path: "/bin/busybox")
        guard let copy = binary.readOnlyCopy() else {
            // Without CAP_SYS_ADMIN, or before Linux 5.12.
            #expect(errno == EPERM || errno == ENOSYS)
            return
        }
        #expect(binary.readOnlyCopy() === copy)
        var request = ProcessRequest("/bin/busybox", ["sh", "-c", "touch /proc/self/exe"])
        request.binary = copy
        let outcome = try Command(request).run()
        let said = String(decoding: outcome.errors, as: UTF8.self)
        #expect(outcome.status?.isSuccess == false && said.contains("Read-only file system"), "\(said)")
    }
}
