import CGantry
import Glibc

/// The one place that reaps. Every child is handed to whoever expects it.
///
/// Orphans of containers become the supervisor's children, too: they are reaped and forgotten, whatever their number, since a zombie holds
/// a process number. While a command is under way that will name a new child (crun's pid file) the statuses of unknown children are
/// remembered: that child may have exited before anybody knew it.
package final class Reaper {
    /// What waitid(2) says.
    package enum Waited: Equatable {
        case exited(pid_t, ExitStatus)
        /// Children there are, but none has exited.
        case none
        case noChild
    }

    /// What has become of a child that a command named.
    package enum Claim: Equatable {
        case living
        case exited(ExitStatus)
        /// It is nobody's child here.
        case unknown
        /// The number has been that of two processes since the command began.
        case ambiguous
    }

    /// A command under way.
    package struct Command: Hashable {
        fileprivate let number: UInt64
    }

    private struct Stranger {
        var number: UInt64
        var status: ExitStatus
        var isTwice = false
    }

    /// waitid(2) for one child, or for any (0), `reap` false leaving it as it is; a test puts children of its own here.
    var system: (pid_t, _ reap: Bool) -> Waited = { pid, reap in
        var exit = gantry_exit()
        return switch gantry_wait(pid, reap, &exit) {
        case 1: .exited(exit.pid, ExitStatus(exit))
        case 0: .none
        default: .noChild
        }
    }

    /// How many statuses are remembered: processes beyond are more than any machine has between a command's begin and end.
    static let memory = 16384

    /// Of a child that is expected.
    static let weight = 8

    private var expected: [pid_t: (ExitStatus) -> Void] = [:]
    private var commands: Set<Command> = []
    private var strangers: [pid_t: Stranger] = [:]
    private var order: [(pid: pid_t, number: UInt64)] = []
    private var forgotten = 0
    private var number: UInt64 = 0

    package init() {}

    /// Calls `handler` once, when this child has exited. It may have exited already.
    package func expect(_ pid: pid_t, _ handler: @escaping (ExitStatus) -> Void) { expected[pid] = handler }

    /// Until `endCommand`, what unknown children ended with is remembered.
    package func beginCommand() -> Command {
        number += 1
        let command = Command(number: number)
        commands.insert(command)
        return command
    }

    package func endCommand(_ command: Command) {
        commands.remove(command)
        forget(before: commands.lazy.map(\.number).min() ?? .max)
    }

    /// Looks for the child that a command named, which is to be called before the command's end is told: only a number of this process's
    /// own child may be trusted.
    package func claim(_ pid: pid_t) -> Claim {
        let isChild = system(pid, false) != .noChild
        guard let stranger = strangers[pid] else { return isChild ? .living : .unknown }
        return isChild || stranger.isTwice ? .ambiguous : .exited(stranger.status)
    }

    /// Reaps what has exited, `limit` children at most; call it after SIGCHLD. One that is expected counts as several, since something is
    /// done about it. True: there may be more.
    package func reap(limit: Int) -> Bool {
        var left = limit
        while left > 0 {
            guard case .exited(let pid, let status) = system(0, true) else { return false }
            reaped += 1
            left -= 1
            if let handler = expected.removeValue(forKey: pid) {
                left -= Self.weight - 1
                handler(status)
            } else if !commands.isEmpty {
                remember(pid, status)
            }
        }
        return true
    }

    /// Children so far.
    package private(set) var reaped = 0

    private func remember(_ pid: pid_t, _ status: ExitStatus) {
        number += 1
        strangers[pid] = Stranger(number: number, status: status, isTwice: strangers[pid] != nil)
        order.append((pid, number))
        if order.count - forgotten > Self.memory { forgetOldest() }
    }

    private func forget(before limit: UInt64) {
        while forgotten < order.count, order[forgotten].number < limit { forgetOldest() }
    }

    private func forgetOldest() {
        let (pid, number) = order[forgotten]
        if strangers[pid]?.number == number { strangers.removeValue(forKey: pid) }
        forgotten += 1
        guard forgotten > order.count / 2 else { return }
        order.removeFirst(forgotten)
        forgotten = 0
        if order.isEmpty { (order, strangers) = ([], [:]) }
    }
}
