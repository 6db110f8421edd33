import Glibc

/// One command executed in an app, in a cgroup of its own, so that it can be ended with everything it started and nothing else.
final class Execution {
    let number: Int
    let request: ControlRequest
    let cgroup: AppCgroup
    /// The process.json, the pid file, the log and the terminal's socket begin with this.
    let prefix: String
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

    func removeFiles() {
        for path in [processFile, pidFile, log, console] { unlink(path) }
    }
}
