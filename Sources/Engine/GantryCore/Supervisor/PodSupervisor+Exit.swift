import ByteText
import CGantry
import Glibc

extension PodSupervisor {
    /// Follows the container's init, which crun has just left to this process.
    func adopt(_ app: App, pid: pid_t) throws(EngineError) {
        switch reaper.claim(pid) {
        case .living:
            app.pidfd = try Descriptor(pidfdOpen(pid), "follow process \(pid) of app \(app.name)")
            app.initPID = pid
            app.pidNamespace = StandStill.number("/proc/\(pid)/ns/pid")
            standStill.joined(app)
            reaper.expect(pid) { [unowned self] status in initEnded(app, status) }
        case .exited(let status):
            app.initPID = pid
            loop.soon("children") { [unowned self] in initEnded(app, status) }
        case .unknown, .ambiguous:
            throw EngineError(.internal, "app \(app.name): process \(pid) of its pid file is not its init")
        }
    }

    private func initEnded(_ app: App, _ status: ExitStatus) {
        app.pidfd = nil
        app.initPID = nil
        switch app.phase {
        case .starting: app.earlyExit = status
        case .creating, .created, .running: exited(app, status)
        case .exited: clean(app)
        // Recorded as ended already; the record's end goes on.
        case .ending, .clean, .removing: break
        }
    }

    /// What is to be known of a container that has ended, before it is cleaned away.
    private struct Remains: Sendable {
        var oomKills: Int
        var crunMessage: String?
    }

    /// Records how the container's main process ended: the kernel's kills first, since they go with its cgroup; then what is left of its
    /// output; then the record; then whoever waits.
    func exited(_ app: App, _ status: ExitStatus) {
        let time = Clock.now()
        endCheckpoint(of: app)
        app.phase = .ending
        let (cgroup, log, ownPIDs) = (app.cgroup, app.paths.crunLog, app.hasOwnPIDs)
        // Of the commands' worker: kills in cgroups that it has removed are counted by then.
        work.run(
            app.commands, "end of an app",
            {
                let kills = cgroup.oomKills()
                if !ownPIDs { cgroup.kill() }
                return Remains(oomKills: kills, crunMessage: status.isSuccess ? nil : OCIRuntime.message(log: log))
            }
        ) { [self] remains in
            let verdict = Self.verdict(
                status, oomKills: remains.oomKills.addingSaturating(app.pastOOMKills), crunMessage: remains.crunMessage)
            let finish = { [self] in
                recordExit(app, at: time, code: status.code, reason: verdict.reason, message: verdict.message)
            }
            guard let output = app.output else { return finish() }
            output.drain(finish)
        }
    }

    /// The reason that goes with an exit. A kernel kill explains it only where the main process itself failed.
    static func verdict(
        _ status: ExitStatus, oomKills: Int, crunMessage: String?
    ) -> (reason: String, message: String) {
        if status.isSuccess { return ("Completed", "") }
        if oomKills > 0 {
            return ("OOMKilled", "the kernel killed \(oomKills) process\(oomKills == 1 ? "" : "es") at a memory limit")
        }
        return ("Error", crunMessage ?? "")
    }

    /// Records the exit, then calls those who wait for it, then cleans up once the init is gone.
    func recordExit(
        _ app: App, at time: Int64 = Clock.now(), code: Int32, reason: String, message: String
    ) {
        app.stopTimer?.cancel()
        app.phase = .ending
        tell(app, Self.story(code: code, reason: reason, message: message))
        do throws(EngineError) {
            try app.record.exit(at: time, code: code, reason: reason, message: message)
        } catch {
            return recorded(app, .failure(error))
        }
        showStatus()
        let exit = app.record
        work.run(
            scribe, "record of an exit", within: Self.patience,
            { [records] in Result { () throws(EngineError) in try records.keep(exit, .durable) } }
        ) { [self] result in
            if let result { return recorded(app, result) }
            let cause = EngineError(.deadline, "the disk below \(pod.path) does not answer")
            work.attempt(
                keeper, "exit kept", { [records] () throws(EngineError) in try records.keepExit(exit, because: cause) }
            ) { [self] result in recorded(app, result) }
        }
    }

    private func recorded(_ app: App, _ result: Result<PodRecords.Outcome, EngineError>) {
        let code = app.record.exitCode ?? -1
        switch result {
        case .success(.written): break
        case .success(.kept(let cause)):
            note("app \(app.name): its exit (code \(code)) is kept in memory until it can be written: \(cause.message)")
            writeExit(app, after: 1_000_000_000)
        case .failure(let error):
            note("app \(app.name): cannot record its exit (code \(code)): \(error.message)")
        }
        app.phase = .exited
        let waiters = app.exitWaiters
        app.exitWaiters = []
        for waiter in waiters { waiter() }
        if app.initPID == nil { clean(app) }
        if isStopping { finishStopping() }
    }

    private func writeExit(_ app: App, after delay: Int64) {
        loop.after(delay) { [self] in
            guard apps[app.name] === app, app.phase != .removing else { return }
            work.run(
                scribe, "record of an exit", { [records, record = app.record] in records.rewriteExit(record) }
            ) { [self] isWritten in
                if !isWritten { writeExit(app, after: min(delay * 2, 30_000_000_000)) }
            }
        }
    }

    /// Undoes what a container that has ended left: crun's state and cgroups, mounts, the run directory.
    func clean(_ app: App) {
        app.output = nil
        (app.standardInput, app.terminal) = (nil, nil)
        guard app.startError == nil, app.restoration == nil else {
            app.restoration = nil
            return cleaned(app)
        }
        let log = app.paths.crunLog
        runner.run(
            runtime.delete(id: app.containerID, log: log), "delete the container of app \(app.name)", log: log
        ) { [self] error in
            guard let error else { return cleaned(app) }
            note(error.message)
            removeRuntimeState(app) { [self] in cleaned(app) }
        }
    }

    /// By hand what crun could not: its name for the container would be taken for good.
    func removeRuntimeState(_ app: App, then completion: @escaping () -> Void) {
        let (root, id) = (runtime.root, app.containerID)
        chore(app, "runtime state", then: completion) { () throws(EngineError) in
            let directory = try Descriptor(gantry_open_path(root), "open \(root)")
            try TreeRemoval.remove(id, in: directory.raw, path: "\(root)/\(id)")
        }
    }

    private func cleaned(_ app: App) {
        removal.kill(app.cgroup, app.chores) { [self] isGone in
            if !isGone { note("app \(app.name): its cgroup \(app.cgroup.path) is still in use") }
            unmount(app) { [self] in
                app.phase = .clean
                app.settle()
                trimSoon()
                if isStopping { finishStopping() }
            }
        }
    }

    /// Also of an app that was never whole.
    func unmount(_ app: App, then completion: @escaping () -> Void) {
        let (paths, images, parent) = (app.paths, app.mountedImages, paths.apps)
        chore(app, "unmount", then: completion) { [name = app.name] () throws(EngineError) in
            try Mounts.unmount(paths.rootfs)
            for index in 0..<images { try Mounts.unmount(paths.image(index)) }
            let apps = try Descriptor(gantry_open_path(parent), "open \(parent)")
            try TreeRemoval.remove(name.string, in: apps.raw, path: paths.root)
        }
    }

    /// Does something of the app beside the loop; a failure is for people to know.
    func chore(
        _ app: App, _ step: StaticString, then completion: @escaping () -> Void,
        _ job: @escaping @Sendable () throws(EngineError) -> Void
    ) {
        work.attempt(app.chores, step, job) { [self] result in
            if case .failure(let error) = result { note("app \(app.name): \(error.message)") }
            completion()
        }
    }
}
