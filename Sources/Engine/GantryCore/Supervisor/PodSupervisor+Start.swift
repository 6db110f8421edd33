import Glibc
import JSON

extension PodSupervisor {
    /// `app-start`: from created only. One whose addition has been answered, and whose container is still being made, is waited for.
    func start(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        try requireNotStopping("start app \(app.name)")
        if app.phase == .creating, app.addition == nil {
            app.settleWaiters.append { [unowned self] in
                if !request.isCancelled { handle(request) }
            }
            return
        }
        guard app.phase == .created else {
            throw EngineError(.precondition, "start app \(app.name): it is \(app.words), not created")
        }
        if let error = app.startError { return failStart(app, error) { request.fail(error) } }
        if let restoration = app.restoration { return restore(app, restoration, request) }
        app.phase = .starting
        app.waitsFor = ""
        app.giveUp = runner.run(
            runtime.start(id: app.containerID, log: app.paths.crunLog), "start app \(app.name)", log: app.paths.crunLog
        ) { [self] error in
            app.giveUp = nil
            if let error {
                failStart(app, error) { request.fail(error) }
            } else {
                started(app, request)
            }
            app.settle()
        }
    }

    /// Answered when it is recorded; signals and commands reach it meanwhile.
    func started(_ app: App, _ request: ControlRequest) {
        do throws(EngineError) {
            try app.record.start(at: Clock.now(), pid: app.initPID ?? app.record.pid ?? 0)
        } catch {
            note("app \(app.name): cannot record its start: \(error.message)")
        }
        app.phase = .running
        tell(app, "started, process \(app.initPID ?? app.record.pid ?? 0)")
        showStatus()
        work.attempt(
            scribe, "record of a start",
            { [records, record = app.record] () throws(EngineError) in try records.keep(record, .atomic) }
        ) { [self] result in
            switch result {
            case .success(.written): break
            case .success(.kept(let cause)):
                note("app \(app.name): its start is kept in memory, until its exit is written: \(cause.message)")
            case .failure(let error): note("app \(app.name): cannot record its start: \(error.message)")
            }
            answer(request, app)
        }
        if let status = app.earlyExit { exited(app, status) }
    }

    /// An app that could not be started has exited: code 128. Recorded before the init is killed, so that its end is not taken for the app's.
    func failStart(_ app: App, _ error: EngineError, then completion: @escaping () -> Void) {
        app.exitWaiters.append(completion)
        recordExit(app, code: 128, reason: "StartError", message: error.message)
        kill(app)
    }
}
