extension PodSupervisor {
    /// The start of an app that was made of a checkpoint: the runtime makes the container with its processes as they were.
    func restore(_ app: App, _ restoration: AppRestoration, _ request: ControlRequest) {
        let doing = "restore app \(app.name)"
        let directory = restoration.directory
        var command = runtime.restore(
            id: app.containerID, bundle: app.paths.bundle, pidFile: app.paths.initPID,
            console: restoration.stdio.console?.path, images: directory.images, work: directory.path,
            log: app.paths.crunLog)
        command.descriptors = restoration.stdio.descriptors
        command.oomScore = .exactly(app.oomScore)
        app.phase = .starting
        app.waitsFor = ""
        app.giveUp = runner.run(command, doing, log: app.paths.crunLog) { [self] error in
            app.giveUp = nil
            app.restoration = nil
            let clear = { [self] in
                chore(app, "remove a checkpoint", then: {}) { [path = directory.path] () throws(EngineError) in
                    try Self.removeTree(path)
                }
                app.settle()
            }
            if let error {
                return explain(error, doing, log: directory.restoreLog, app) { [self] error in
                    failStart(app, error) { request.fail(error) }
                    clear()
                }
            }
            do throws(EngineError) {
                try adopt(app, pid: try Self.pid(app.paths.initPID))
                try restoration.stdio.connect(app)
                started(app, request)
            } catch {
                failStart(app, error) { request.fail(error) }
            }
            clear()
        }
    }
}
