import Glibc

/// Keeps the containers of a PID namespace still while crun makes a further one in it. Until crun's process has left the host's root behind,
/// whoever sees it and may trace it could reach the host through `/proc/PID/root`.
///
/// Nobody stands still for good: the last one that makes a container ends it, and where that takes longer than `limit` either crun is ended (the
/// caller's part, see `mustNotLast`) or the others go on. A supervisor that dies has its pod killed, and killing resumes.
final class StandStill {
    /// One container being made.
    struct Hold {
        fileprivate let namespace: UInt64
        /// Whether one of those that stand still may trace: crun has to be ended before they are let go.
        let mustNotLast: Bool
    }

    /// Nanoseconds; crun takes 20 milliseconds, on a machine that has nothing else to do.
    static let limit: Int64 = 20_000_000_000
    /// How long those that stop are waited for: a process that is in the middle of a system call ends that first.
    private static let patience: Int64 = 250_000_000

    private final class Still {
        var holds = 0
        var frozen: [AppFreezer] = []
        var timer: EventLoop.Timer?
        /// What is done once they go on.
        var waiting: [() -> Void] = []
    }

    private let loop: EventLoop
    /// By the namespace's inode.
    private var stills: [UInt64: Still] = [:]

    init(loop: EventLoop) { self.loop = loop }

    /// The number of the namespace that a path names; nil where it cannot be looked at.
    static func number(_ path: String) -> UInt64? {
        var info = stat()
        return stat(path, &info) == 0 ? UInt64(info.st_ino) : nil
    }

    /// Stops the apps, then goes on. `end` must follow.
    func begin(_ namespace: UInt64, _ apps: [App], then body: @escaping (Hold) -> Void) {
        let still = stills[namespace] ?? Still()
        stills[namespace] = still
        still.holds += 1
        let hold = Hold(namespace: namespace, mustNotLast: apps.contains(where: \.mayTrace))
        for app in apps { freeze(app, still) }
        if !hold.mustNotLast, still.timer == nil {
            still.timer = loop.after(Self.limit) { [unowned self] in thaw(still) }
        }
        whenFrozen(still, until: Clock.monotonic() + Self.patience) { body(hold) }
    }

    /// Lets everybody go on, once nothing is being made in the namespace any more.
    func end(_ hold: Hold) {
        guard let still = stills[hold.namespace] else { return }
        still.holds -= 1
        guard still.holds == 0 else { return }
        stills.removeValue(forKey: hold.namespace)
        still.timer?.cancel()
        thaw(still)
    }

    /// A container that has just been made, while others are being made in its namespace: it must not be started before they are.
    func joined(_ app: App) {
        guard let namespace = app.pidNamespace, let still = stills[namespace] else { return }
        freeze(app, still)
    }

    /// Calls `body` at once or, while others stand still in the app's namespace, when they go on: crun enters nothing that is frozen.
    func whenMoving(_ app: App, _ body: @escaping () -> Void) {
        guard let namespace = app.pidNamespace, let still = stills[namespace], !still.frozen.isEmpty else {
            return body()
        }
        still.waiting.append(body)
    }

    private func freeze(_ app: App, _ still: Still) {
        guard let freezer = AppFreezer(app.cgroup), !still.frozen.contains(freezer), freezer.freeze() else { return }
        still.frozen.append(freezer)
    }

    private func thaw(_ still: Still) {
        for freezer in still.frozen { freezer.thaw() }
        still.frozen = []
        let waiting = still.waiting
        still.waiting = []
        for body in waiting { body() }
    }

    private func whenFrozen(_ still: Still, until deadline: Int64, _ body: @escaping () -> Void) {
        if still.frozen.allSatisfy(\.isFrozen) || Clock.monotonic() >= deadline { return body() }
        loop.after(1_000_000) { [unowned self] in whenFrozen(still, until: deadline, body) }
    }
}
