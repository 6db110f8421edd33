import Domain
import Glibc
import Synchronization
import Testing

@testable import RktCLI

@Suite("Signals to the processes of a cgroup", .timeLimit(.minutes(5)))
struct ProcessSignalsTests {
    /// A process that lives until it gets a signal.
    private func spawn() throws -> Int32 {
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("1000"), nil]
        defer { words.forEach { free($0) } }
        // The threads that tests run on have signals blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        try #require(posix_spawn(&pid, "/bin/sleep", nil, &attributes, &words, environ) == 0)
        return pid
    }

    /// The signal that ended it.
    private func end(of pid: Int32) async throws -> Int32 {
        var status: Int32 = 0
        let deadline = ContinuousClock.now + .seconds(120)
        while waitpid(pid, &status, WNOHANG) == 0 {
            try #require(ContinuousClock.now < deadline, "process \(pid) lives on")
            try await Task.sleep(for: .milliseconds(5))
        }
        return status & 0x7f
    }

    @Test("each of them gets it")
    func all() async throws {
        let processes = [try spawn(), try spawn()]
        #expect(ProcessSignals.send(.term) { processes })
        for process in processes { #expect(try await end(of: process) == SIGTERM) }
    }

    @Test("a number that the cgroup no longer has when the process is held is another's: it gets none")
    func reused() async throws {
        let (stranger, own) = (try spawn(), try spawn())
        let looks = Mutex(0)
        #expect(
            ProcessSignals.send(.term) {
                looks.withLock { $0 += 1 }
                return looks.withLock { $0 } == 1 ? [stranger, own] : [own]
            })
        #expect(try await end(of: own) == SIGTERM)
        kill(stranger, SIGKILL)
        #expect(try await end(of: stranger) == SIGKILL)
    }

    @Test("one that has ended, and numbers that are no process's, are passed by")
    func gone() async throws {
        let (dead, own) = (try spawn(), try spawn())
        kill(dead, SIGKILL)
        _ = try await end(of: dead)
        #expect(ProcessSignals.send(.term) { [0, -1, 1, dead, own] })
        #expect(try await end(of: own) == SIGTERM)
        #expect(!ProcessSignals.send(.term) { nil })
    }
}
