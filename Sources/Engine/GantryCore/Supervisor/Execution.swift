import Glibc

/// One command executed in an app, in a cgroup of its own, so that it can be ended with everything it started and nothing else.
final class Execution {
    let number: Int
    let request: ControlRequest
    let cgroup: AppCgroup
    /// The process.json, the pid file, the log and the terminal's socket begin with this.
    let prefix: String
    /// Looks for the command where the container's own mounts may keep it waiting.
    let lookup = Worker()
    /// Whether its client is told once it runs.
    var isSession = false
    /// What it is, for people; the beginning of it.
    var command = ""
    var pid: pid_t?
    var timer: EventLoop.Timer?
    var isTimedOut = false
    var isCancelled = false

    init(number: Int, request: ControlRequest, cgroup: AppCgroup, prefix: String) {
        self.number = number
        self.request = request
        self.cgroup = cgroup
        self.prefix = prefix
    }

    var processFile: String { prefix + ".json" }
    var pidFile: String { prefix + ".pid" }
    var log: String { prefix + ".log" }
    var console: String { prefix + ".sock" }

    /// A command that is to run.
    struct Prepared: Sendable {
        var command: String
        var path: String?
        var directory: String
    }

    func removeFiles() {
        for path in [processFile, pidFile, log, console] { unlink(path) }
    }
}
