extension PodSupervisor {
    /// Takes back an app that could not be made; `completion` when nothing of it is left.
    func undo(_ app: App, completion: @escaping () -> Void) {
        guard let output = app.output else { return undoAll(app, completion) }
        if output.isOpening {
            // Taken back when its disk answers.
            output.discardLog {}
            app.output = nil
            return undoAll(app, completion)
        }
        kill(app)
        output.discardLog { [self] in
            app.output = nil
            undoAll(app, completion)
        }
    }

    private func undoAll(_ app: App, _ completion: @escaping () -> Void) {
        removeContainer(app) { [self] in
            unmount(app) { [self] in
                chore(
                    app, "remove an app",
                    then: { [self] in
                        drop(app)
                        completion()
                    }, { [pod, name = app.name] () throws(EngineError) in try pod.removeApp(name) })
            }
        }
    }

    /// What there is of a container that is not whole, and of its processes.
    func removeContainer(_ app: App, then completion: @escaping () -> Void) {
        kill(app)
        if let pid = app.initPID { reaper.expect(pid) { _ in } }
        (app.initPID, app.pidfd, app.standardInput, app.terminal) = (nil, nil, nil, nil)
        let cgroup = { [self] in
            // A crun that was killed leaves processes which are not dead yet.
            removal.kill(app.cgroup, app.chores) { [self] isGone in
                if !isGone { note("undo app \(app.name): its cgroup \(app.cgroup.path) is still in use") }
                completion()
            }
        }
        let log = app.paths.crunLog
        runner.run(runtime.delete(id: app.containerID, log: log), "undo app \(app.name)", log: log) { [self] error in
            guard error != nil else { return cgroup() }
            // Of a container that crun never made it says so, too.
            removeRuntimeState(app, then: cgroup)
        }
    }
}
