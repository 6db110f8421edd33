import CArchive
import GantryCore
import Glibc
import Synchronization

/// A program that does not outlive this process: the kernel kills it (`PR_SET_PDEATHSIG`) when this process is gone, however that came.
final class TiedProcess: Sendable {
    private struct State {
        /// nil once it is over.
        var pid: pid_t?
        var succeeded = false
        var waiters: [CheckedContinuation<Bool, Never>] = []
    }

    private let state: Mutex<State>

    private init(_ pid: pid_t) { state = Mutex(State(pid: pid)) }

    /// The kernel ties a child to the thread that started it, which therefore does nothing else, and waits for its end.
    /// - Parameters:
    ///   - arguments: the program's path first.
    ///   - input: its standard input and so on; they stay the caller's.
    static func start(
        _ arguments: [String], environment: [String], input: Int32, output: Int32, errors: Int32
    ) async throws(EngineError) -> TiedProcess {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<TiedProcess, EngineError>, Never>) in
            do throws(EngineError) {
                try OwnThread.start {
                    var argv = arguments.map { strdup($0) } + [nil]
                    var envp = environment.map { strdup($0) } + [nil]
                    let pid = gantry_archive_spawn_tied(&argv, &envp, input, output, errors)
                    let cause = errno
                    for pointer in argv + envp { free(pointer) }
                    guard pid > 0 else {
                        return continuation.resume(returning: .failure(.posix("starting \(arguments[0])", cause)))
                    }
                    let process = TiedProcess(pid)
                    continuation.resume(returning: .success(process))
                    process.reap(pid)
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Ends it, if it is not over.
    func kill() {
        state.withLock { if let pid = $0.pid { _ = Glibc.kill(pid, SIGKILL) } }
    }

    /// Waits for its end.
    /// - Returns: whether it ended by itself, and well.
    func wait() async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let result = state.withLock { state -> Bool? in
                if state.pid == nil { return state.succeeded }
                state.waiters.append(continuation)
                return nil
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    private func reap(_ pid: pid_t) {
        var information = siginfo_t()
        // Its number stays taken until nobody can signal it any more.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (waiters, succeeded) = state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.pid = nil
            state.succeeded = status == 0
            let waiters = state.waiters
            state.waiters = []
            return (waiters, state.succeeded)
        }
        for waiter in waiters { waiter.resume(returning: succeeded) }
    }
}
