import ByteText
import CGantry
import Glibc

extension PodSupervisor {
    /// Follows the container's init, which crun has just left to this process.
    func adopt(_ app: App, pid: pid_t) throws(EngineError) {
        guard reaper.isChild(pid) else {
            throw EngineError(.internal, "app \(app.name): process \(pid) of its pid file is not its init")
        }
        app.pidfd = try Descriptor(pidfdOpen(pid), "follow process \(pid) of app \(app.name)")
        app.initPID = pid
        app.pidNamespace = StandStill.number("/proc/\(pid)/ns/pid")
        standStill.joined(app)
        reaper.expect(pid) { [unowned self] status in initEnded(app, status) }
    }

    private func initEnded(_ app: App, _ status: ExitStatus) {
        app.pidfd = nil
        app.initPID = nil
        switch app.phase {
        case .starting: app.earlyExit = status
        case .creating, .created, .running: exited(app, status)
        case .exited: clean(app)
        case .ending, .clean, .removing: break
        }
    }

    /// Records how the container's main process ended: the kernel's kills first, since they go with its cgroup; then what is left of its
    /// output; then the record; then whoever waits.
    func exited(_ app: App, _ status: ExitStatus) {
        let time = Clock.now()
        app.phase = .ending
        let kills = app.cgroup.oomKills().addingSaturating(app.pastOOMKills)
        if !app.hasOwnPIDs { app.cgroup.kill() }
        let finish = { [unowned self] in
            let verdict = Self.verdict(
                status, oomKills: kills, crunMessage: status.isSuccess ? nil : Crun.message(log: app.paths.crunLog))
            recordExit(app, at: time, code: status.code, reason: verdict.reason, message: verdict.message)
            clean(app)
        }
        guard let output = app.output else { return finish() }
        output.drain(finish)
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

    func recordExit(
        _ app: App, at time: Int64 = Clock.now(), code: Int32, reason: String, message: String
    ) {
        app.stopTimer?.cancel()
        app.phase = .exited
        do throws(EngineError) {
            try app.record.exit(at: time, code: code, reason: reason, message: message)
            try saveExit(app)
        } catch {
            note("app \(app.name): cannot record its exit (code \(code)): \(error.message)")
        }
        let waiters = app.exitWaiters
        app.exitWaiters = []
        for waiter in waiters { waiter() }
    }

    /// A full disk must not lose an exit: it is kept in memory then, where listings and a clean-up find it, and written once there is room.
    private func saveExit(_ app: App) throws(EngineError) {
        do throws(EngineError) {
            try pod.writeApp(app.record, durability: .durable)
        } catch {
            note(
                "app \(app.name): its exit (code \(app.record.exitCode ?? -1)) is kept in memory until it can be written: \(error.message)"
            )
            try pod.keptExits.keep(app.record)
            writeExit(app, after: 1_000_000_000)
        }
        publish(.app(pod: pod.uuid, app.record))
    }

    private func writeExit(_ app: App, after delay: Int64) {
        loop.after(delay) { [unowned self] in
            guard apps[app.name] === app else { return }
            if (try? pod.writeApp(app.record, durability: .durable)) != nil {
                pod.keptExits.forget(app.name)
            } else {
                writeExit(app, after: min(delay * 2, 30_000_000_000))
            }
        }
    }

    /// Undoes what a container that has ended left: crun's state and cgroups, mounts, the run directory.
    func clean(_ app: App) {
        app.output = nil
        app.standardInput = nil
        guard app.startError == nil else { return cleaned(app) }
        let log = app.paths.crunLog
        runner.run(
            crun.delete(id: app.containerID, log: log), "delete the container of app \(app.name)", log: log
        ) { [self] error in
            if let error {
                note(error.message)
                removeRuntimeState(app)
            }
            cleaned(app)
        }
    }

    /// By hand what crun could not: its name for the container would be taken for good.
    func removeRuntimeState(_ app: App) {
        do throws(EngineError) {
            let root = try Descriptor(gantry_open_path(crun.root), "open \(crun.root)")
            try TreeRemoval.remove(app.containerID, in: root.raw, path: "\(crun.root)/\(app.containerID)")
        } catch {
            note("app \(app.name): \(error.message)")
        }
    }

    private func cleaned(_ app: App) {
        removal.kill(app.cgroup) { [self] isGone in
            if !isGone { note("app \(app.name): its cgroup \(app.cgroup.path) is still in use") }
            unmount(app)
            app.phase = .clean
            app.settle()
            trimSoon()
            if isStopping { finishStopping() }
        }
    }

    /// Also of an app that was never whole.
    func unmount(_ app: App) {
        do throws(EngineError) {
            try Mounts.unmount(app.paths.rootfs)
            for index in app.mountedImages { try Mounts.unmount(app.paths.image(index)) }
            try removeRunDirectory(app)
        } catch {
            note("app \(app.name): \(error.message)")
        }
    }

    private func removeRunDirectory(_ app: App) throws(EngineError) {
        let apps = try Descriptor(gantry_open_path(paths.apps), "open \(paths.apps)")
        try TreeRemoval.remove(app.name.string, in: apps.raw, path: app.paths.root)
    }
}
