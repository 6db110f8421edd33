import CGantry
import Glibc

/// Runs crun beside the event loop.
final class CrunRunner {
    private let loop: EventLoop
    private let reaper: Reaper

    /// A crun that takes longer hangs, say in a mount of a dead file server.
    static let timeout: Int64 = 120_000_000_000

    init(loop: EventLoop, reaper: Reaper) {
        self.loop = loop
        self.reaper = reaper
    }

    /// Starts it and calls `completion` once: nil for success, else what crun had to say. `doing` says what failed then.
    func run(
        _ request: ProcessRequest, _ doing: String, log: String, timeout: Int64 = CrunRunner.timeout,
        completion: @escaping (EngineError?) -> Void
    ) {
        let command = reaper.beginCommand()
        let pid: pid_t
        do throws(EngineError) {
            pid = try request.spawn()
        } catch {
            reaper.endCommand(command)
            return completion(error.prefixed(doing))
        }
        var isLate = false
        let timer = loop.after(timeout) {
            isLate = true
            // A child that has not been reaped: the number is its own.
            kill(pid, SIGKILL)
        }
        reaper.expect(pid) { [reaper] status in
            timer.cancel()
            // The completion looks for the child that the command has named.
            defer { reaper.endCommand(command) }
            if isLate {
                completion(
                    EngineError(.deadline, "\(doing): crun did not end in \(timeout / 1_000_000_000) seconds"))
            } else if status.isSuccess {
                completion(nil)
            } else {
                let reason = Crun.message(log: log) ?? "crun: \(status.description)"
                completion(EngineError(.internal, "\(doing): \(reason)"))
            }
        }
    }
}
