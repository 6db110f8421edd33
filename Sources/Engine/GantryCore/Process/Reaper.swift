import CGantry
import Glibc

/// The one place that reaps. Every child is looked at before it is reaped, and handed to whoever expects it.
///
/// Orphans of containers become the supervisor's children, too. They are reaped and forgotten, but not while a command is under way
/// that will name a new child (crun's pid file): such a child may exit before anybody knows it, and must not be lost.
package final class Reaper {
    private var expected: [pid_t: (ExitStatus) -> Void] = [:]
    private var commandsUnderWay = 0

    package init() {}

    /// Calls `handler` once, when this child has exited. It may have exited already.
    package func expect(_ pid: pid_t, _ handler: @escaping (ExitStatus) -> Void) { expected[pid] = handler }

    /// Until `endCommand`, unknown children stay zombies.
    package func beginCommand() { commandsUnderWay += 1 }
    package func endCommand() { commandsUnderWay -= 1 }

    /// Whether `pid` is a child of this process that nobody has reaped: only then may a number out of a file be trusted.
    package func isChild(_ pid: pid_t) -> Bool {
        var exit = gantry_exit()
        return gantry_wait(pid, false, &exit) >= 0
    }

    /// Reaps whatever has exited; call it after SIGCHLD, and when a command has ended.
    package func reap() {
        while true {
            var exit = gantry_exit()
            guard gantry_wait(0, false, &exit) == 1 else { return }
            if expected[exit.pid] == nil && commandsUnderWay > 0 {
                // The unknown one stays in front: the others are asked for one by one.
                guard reapExpected() else { return }
                continue
            }
            dispatch(exit.pid)
        }
    }

    private func reapExpected() -> Bool {
        var any = false
        for pid in Array(expected.keys) {
            var exit = gantry_exit()
            if gantry_wait(pid, false, &exit) == 1 {
                dispatch(pid)
                any = true
            }
        }
        return any
    }

    private func dispatch(_ pid: pid_t) {
        var exit = gantry_exit()
        guard gantry_wait(pid, true, &exit) == 1 else { return }
        expected.removeValue(forKey: pid)?(ExitStatus(exit))
    }
}
