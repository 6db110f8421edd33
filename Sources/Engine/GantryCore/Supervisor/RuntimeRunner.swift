import ByteText
import CGantry
import Glibc

/// Runs the OCI runtime beside the event loop.
final class RuntimeRunner {
    private let loop: EventLoop
    private let reaper: Reaper

    /// One that takes longer hangs, say in a mount of a dead file server.
    static let timeout: Int64 = 120_000_000_000

    init(loop: EventLoop, reaper: Reaper) {
        self.loop = loop
        self.reaper = reaper
    }

    /// How long one that was killed is waited for: one that is in the middle of a system call to a dead disk does not end.
    static let patience: Int64 = 2_000_000_000

    /// Starts it and calls `completion` once: nil for success, else what it had to say. `doing` says what failed then.
    /// - Returns: ends it for the reason that is given, which `completion` gets, soon.
    @discardableResult
    func run(
        _ request: ProcessRequest, _ doing: String, log: String, timeout: Int64 = RuntimeRunner.timeout,
        completion: @escaping (EngineError?) -> Void
    ) -> (EngineError) -> Void {
        let program = String(request.executable.lastPathComponent)
        let command = reaper.beginCommand()
        let pid: pid_t
        do throws(EngineError) {
            pid = try request.spawn()
        } catch {
            reaper.endCommand(command)
            completion(error.prefixed(doing))
            return { _ in }
        }
        var timer: EventLoop.Timer?
        var given: EngineError?
        var isOver = false
        let end = { [reaper] (error: EngineError?) in
            guard !isOver else { return }
            isOver = true
            timer?.cancel()
            // The completion looks for the child that the command has named.
            defer { reaper.endCommand(command) }
            completion(error)
        }
        let giveUp = { [loop] (error: EngineError) in
            guard !isOver, given == nil else { return }
            given = error
            // A child that has not been reaped: the number is its own.
            kill(request.leadsGroup ? -pid : pid, SIGKILL)
            timer?.cancel()
            timer = loop.after(Self.patience) { end(error) }
        }
        timer = loop.after(timeout) {
            giveUp(EngineError(.deadline, "\(doing): \(program) did not end in \(timeout / 1_000_000_000) seconds"))
        }
        reaper.expect(pid) { status in
            if let given { return end(given) }
            if status.isSuccess { return end(nil) }
            let reason = OCIRuntime.message(log: log) ?? "\(program): \(status.description)"
            end(EngineError(.ofText(reason, otherwise: .internal), "\(doing): \(reason)"))
        }
        return giveUp
    }
}
