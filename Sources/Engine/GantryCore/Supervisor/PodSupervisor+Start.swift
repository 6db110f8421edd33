import Glibc
import JSON

extension PodSupervisor {
    /// `app-start`: from created only.
    func start(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        try requireNotStopping("start app \(app.name)")
        guard app.phase == .created else {
            throw EngineError(
                .precondition,
                "start app \(app.name): it is \(app.record.state.rawValue)\(app.phase == .created ? "" : " or being worked on"), not created"
            )
        }
        if let error = app.startError {
            failStart(app, error)
            throw error
        }
        app.phase = .starting
        runner.run(
            crun.start(id: app.containerID, log: app.paths.crunLog), "start app \(app.name)", log: app.paths.crunLog
        ) { [self] error in
            if let error {
                startFailed(app, error)
                request.fail(error)
            } else {
                started(app)
                request.succeed(["app": app.record.json])
            }
            app.settle()
        }
    }

    private func started(_ app: App) {
        do throws(EngineError) {
            try app.record.start(at: Clock.now(), pid: app.initPID ?? app.record.pid ?? 0)
            app.phase = .running
            try save(app, durability: .atomic)
        } catch {
            note("app \(app.name): cannot record its start: \(error.message)")
        }
        if let status = app.earlyExit { exited(app, status) }
    }

    private func startFailed(_ app: App, _ error: EngineError) {
        // Recorded before the init is gone, so that its end is not taken for the app's.
        failStart(app, error)
    }

    /// An app that could not be started has exited: code 128.
    func failStart(_ app: App, _ error: EngineError) {
        recordExit(app, code: 128, reason: "StartError", message: error.message)
        kill(app)
        if app.initPID == nil { clean(app) }
    }
}
