import ByteText
import CGantry
import Glibc

extension PodSupervisor {
    /// Begins the container, and records and answers the addition meanwhile: nobody needs the container before its start. When it cannot be made it
    /// is the start that fails, and says why, always: whether the addition was answered by then is chance.
    func create(
        _ app: App, _ pid: SpecNamespaces.PID, _ start: StartCommand, _ stdio: AppStdio, _ request: ControlRequest
    ) {
        var command = runtime.create(
            id: app.containerID, bundle: app.paths.bundle, pidFile: app.paths.initPID, console: stdio.console?.path,
            log: app.paths.crunLog)
        command.descriptors = stdio.descriptors
        command.oomScore = .exactly(app.oomScore)
        let making = AppMaking()
        app.making = making
        whileOthersStandStill(app, making, pid, command) { [self] error in
            app.joinedPIDs = nil
            making.giveUpContainer = nil
            guard app.making === making else { return }
            do throws(EngineError) {
                if let error { throw error }
                try adopt(app, pid: try Self.pid(app.paths.initPID))
                try stdio.connect(app)
                containerIsOver(app)
            } catch {
                notCreated(app, making, start, error)
            }
        }
        record(app, request)
    }

    /// Runs crun, which makes the container. In a PID namespace that has others in it, they stand still meanwhile.
    private func whileOthersStandStill(
        _ app: App, _ making: AppMaking, _ pid: SpecNamespaces.PID, _ command: ProcessRequest,
        completion: @escaping (EngineError?) -> Void
    ) {
        let doing = "create app \(app.name)"
        let log = app.paths.crunLog
        guard case .path(let path) = pid, let namespace = StandStill.number(path) else {
            making.giveUpContainer = runner.run(command, doing, log: log, completion: completion)
            return
        }
        let others = apps.values.filter {
            $0 !== app && $0.initPID != nil && ($0.pidNamespace ?? namespace) == namespace
        }
        standStill.begin(namespace, others) { [self] hold in
            let timeout = hold.mustNotLast ? StandStill.limit : RuntimeRunner.timeout
            making.giveUpContainer = runner.run(command, doing, log: log, timeout: timeout) { [self] error in
                standStill.end(hold)
                completion(error)
            }
        }
    }

    /// Such an app stays, without a container, until it is started or removed.
    private func notCreated(_ app: App, _ making: AppMaking, _ start: StartCommand, _ error: EngineError) {
        let stay = { [self] (cause: EngineError) in
            guard app.making === making else { return }
            // What the runtime did not find is no pod and no app.
            app.startError = cause.code == .notFound ? EngineError(.invalid, cause.message) : cause
            if making.takeBack == nil { note(cause.message) }
            removeContainer(app) { [self] in
                if app.making === making { containerIsOver(app) }
            }
        }
        // One that was given up may have waited for the disk that would be looked at.
        guard error.code != .deadline else { return stay(error) }
        work.run(
            app.chores, "look for a command", { [path = app.paths.rootfs] in start.failure(rootfs: path) }
        ) { cause in stay(cause ?? error) }
    }

    // MARK: The record and the answer

    func record(_ app: App, _ request: ControlRequest) {
        guard let making = app.making else { return }
        guard !request.isCancelled else {
            return takeBack(app, making, because: Self.unwanted(app)) { [self] in undo(app) {} }
        }
        app.waitsFor = "its record below \(pod.path)"
        let record = app.record
        patiently(
            app,
            { [self] (result: Result<Result<Void, EngineError>, EngineError>) in
                if case .failure = result { records.disown(record) }
                recorded(app, making, result.flatMap { $0 }, request)
            }
        ) { [self] done in save(app, .atomic, then: done) }
    }

    private func recorded(
        _ app: App, _ making: AppMaking, _ result: Result<Void, EngineError>, _ request: ControlRequest
    ) {
        // Its init may have ended meanwhile, and that be recorded after this.
        let isBeingMade = app.making === making
        if case .failure(let error) = result {
            guard isBeingMade else { return request.fail(error) }
            return takeBack(app, making, because: error) { [self] in undo(app) { request.fail(error) } }
        }
        app.waitsFor = "its mounts"
        app.addition = nil
        let isWanted = !request.isCancelled
        answer(request, app)
        showStatus()
        guard isBeingMade else { return }
        if isWanted {
            making.isRecorded = true
            whenMade(app, making)
        } else {
            // What it had written is left to the next removal.
            takeBack(app, making, because: Self.unwanted(app)) { [self] in
                made(app)
                remove(app) { _ in }
            }
        }
    }

    private static func unwanted(_ app: App) -> EngineError {
        EngineError(.deadline, "create app \(app.name): nobody waits for it any more")
    }

    /// Ends the making of the container, and takes the app back then.
    private func takeBack(
        _ app: App, _ making: AppMaking, because error: EngineError, _ how: @escaping () -> Void
    ) {
        making.takeBack = how
        making.isRecorded = true
        making.giveUpContainer?(error)
        whenMade(app, making)
    }

    // MARK: The end of both

    func containerIsOver(_ app: App) {
        guard let making = app.making else { return }
        making.isContainerOver = true
        whenMade(app, making)
    }

    private func whenMade(_ app: App, _ making: AppMaking) {
        guard making.isContainerOver, making.isRecorded else { return }
        if let takeBack = making.takeBack {
            making.takeBack = nil
            return takeBack()
        }
        made(app)
    }

    /// It can be started now, or it is known why not.
    func made(_ app: App) {
        app.making = nil
        app.waitsFor = ""
        if app.phase == .creating { app.phase = .created }
        app.record.pid = app.initPID
        showStatus()
        trimSoon()
        app.settle()
    }

    static func pid(_ file: String) throws(EngineError) -> pid_t {
        let text = try Files.readText(file, limit: 32)
        guard let pid = pid_t(digits: text.trimmed), pid > 0 else {
            throw EngineError(.internal, "\(file): holds no process number")
        }
        return pid
    }
}
