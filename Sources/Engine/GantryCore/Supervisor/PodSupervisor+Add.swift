import ByteText
import CGantry
import Glibc
import JSON

extension PodSupervisor {
    /// `app-add`: makes the container; answered when it is created. On an error nothing of the app is left, nor when nobody is there to be
    /// answered: who asks again asks for another one.
    func add(_ request: ControlRequest) throws(EngineError) {
        let name = try requestedName(request)
        try requireNotStopping("add app \(name)")
        guard apps[name] == nil else {
            throw EngineError(.exists, "app \(name): exists already in pod \(pod.uuid)")
        }
        guard abandoned[name] == nil else {
            throw EngineError(
                .exists,
                "app \(name): one of that name is still being taken back in pod \(pod.uuid): a disk does not answer"
            )
        }
        let app = makeApp(name)
        apps[name] = app
        app.addition = request
        limitMaking(app)
        let body = request.takeBody()
        work.attempt(
            app.chores, "configuration of an app",
            { () throws(EngineError) in (try Self.manifest(name, body), try Self.restore(body)) }
        ) { [self] result in
            guard apps[name] === app else { return drop(app) }
            do throws(EngineError) {
                let (manifest, restore) = try result.get()
                try prepare(app, manifest, restore, request)
            } catch {
                drop(app)
                request.fail(error)
            }
        }
    }

    private static func manifest(_ name: AppName, _ body: JSON) throws(EngineError) -> AppManifest {
        var reader = try ObjectReader(body, path: "control request app-add")
        let config = try AppConfig(json: reader.take("config") ?? .object([:]))
        let image = try AppManifest.Image(json: reader.take("image") ?? .null)
        var images: [String: AppManifest.Image] = [:]
        for (key, value) in try reader.members("imageMounts") { images[key] = try AppManifest.Image(json: value) }
        return AppManifest(name: name, image: image, config: config, imageMounts: images)
    }

    private static func restore(_ body: JSON) throws(EngineError) -> AppRestore? {
        guard let restore = body["restore"], restore != .null else { return nil }
        return try AppRestore(json: restore)
    }

    /// With a descriptor that is to be kept open until the container is made.
    private func pidNamespace(_ app: AppConfig) throws(EngineError) -> (SpecNamespaces.PID, Descriptor?) {
        let fallback: AppConfig.PIDMode =
            switch config.namespaces.pid {
            case .container: .container
            case .pod: .pod
            case .host: .host
            }
        switch app.namespaces.pid ?? fallback {
        case .container: return (.new, nil)
        case .host: return (.host, nil)
        case .pod:
            guard let path = namespaces.pid else {
                throw EngineError(
                    .invalid, "namespaces.pid: pod \(pod.uuid) was made without a PID namespace for all its apps")
            }
            return (.path(path), nil)
        case .target:
            guard let name = app.namespaces.target else {
                throw EngineError(.invalid, "namespaces.target: must name an app when namespaces.pid is \"target\"")
            }
            let target = try self.app(name)
            guard let pid = target.initPID, target.phase == .running || target.phase == .created else {
                throw EngineError(
                    .precondition, "namespaces.target: app \(name) is \(target.phase.words), not running")
            }
            // Opened while the process is this one's own child: later its number may be another's.
            let namespace = try Descriptor(
                open("/proc/\(pid)/ns/pid", O_RDONLY | O_CLOEXEC), "join the processes of app \(name)")
            return (.path("/proc/\(getpid())/fd/\(namespace.raw)"), namespace)
        }
    }

    private func makeApp(_ name: AppName) -> App {
        var record = AppRecord(name: name, createdAt: Clock.now())
        record.cgroup = unit.appPath(name.string)
        record.writableLayer = pod.appPath(name) + "/upper"
        return App(
            name: name, paths: paths.app(name), cgroup: unit.app(name.string),
            containerID: OCIRuntime.id(pod.uuid, name),
            record: record)
    }

    private func prepare(
        _ app: App, _ manifest: AppManifest, _ restore: AppRestore?, _ request: ControlRequest
    ) throws(EngineError) {
        app.record.describe(manifest)
        app.mountedImages = manifest.imageMounts.count
        let (pid, held) = try pidNamespace(manifest.config)
        app.hasOwnPIDs = pid == .new
        app.joinedPIDs = held
        if restore != nil, pid != .new || config.namespaces.user != nil {
            throw EngineError(
                .invalid,
                "add app \(app.name): of a checkpoint only an app with a PID namespace of its own can be made, in a pod without a user namespace"
            )
        }
        var preparation = AppPreparation(
            store: store, pod: pod, unit: unit,
            bundle: AppBundle(
                pod: pod, podConfig: config, podPaths: paths, namespaces: namespaces, manifest: manifest,
                paths: app.paths, cgroupPath: app.cgroup.path, pid: pid), facts: facts, profiles: profiles)
        preparation.restore = restore
        app.waitsFor = "its files and mounts"
        patiently(
            app,
            late: { [self] (outcome: AppPreparation.Outcome) in
                if case .untouched = outcome { drop(app) } else { undo(app) {} }
            },
            { [self] result in
                switch result {
                case .success(let outcome):
                    prepared(app, outcome, manifest.config, pid, isRestored: restore != nil, request)
                case .failure(let error): abandon(app, error)
                }
            }
        ) { [self] done in work.run(app.chores, "preparation of an app", preparation.run, then: done) }
    }

    private func prepared(
        _ app: App, _ outcome: AppPreparation.Outcome, _ config: AppConfig, _ pid: SpecNamespaces.PID,
        isRestored: Bool, _ request: ControlRequest
    ) {
        switch outcome {
        case .made(let made):
            for line in made.notes { note("app \(app.name): \(line)") }
            app.record.user = made.user
            app.record.stopSignal = made.stopSignal
            app.oomScore = made.oomScore
            app.mayTrace = made.mayTrace
            openLog(app, config, pid, isRestored ? nil : made.command, request)
        case .untouched(let error):
            drop(app)
            request.fail(error)
        case .failed(let error): undo(app) { request.fail(error) }
        }
    }

    private func openLog(
        _ app: App, _ config: AppConfig, _ pid: SpecNamespaces.PID, _ start: StartCommand?, _ request: ControlRequest
    ) {
        let (path, hasTerminal, hasInput) = (config.logPath, config.tty, config.stdin)
        (app.hasInput, app.endsInputOnce) = (config.stdin, config.stdinOnce)
        let go = { [self] (opened: Result<Void, EngineError>) in
            do throws(EngineError) {
                try opened.get()
                let stdio = try AppStdio(hasTerminal: hasTerminal, hasInput: hasInput, paths: app.paths)
                guard let start else { return awaitRestore(app, stdio, request) }
                create(app, pid, start, stdio, request)
            } catch {
                undo(app) { request.fail(error) }
            }
        }
        do throws(EngineError) {
            let output = try AppOutput(loop: loop, work: work)
            app.output = output
            if path.isEmpty { return go(.success(())) }
            app.waitsFor = "log \(path)"
            patiently(app, { go($0.flatMap { $0 }) }) { done in output.openLog(path, done) }
        } catch {
            undo(app) { request.fail(error) }
        }
    }

    /// Forgets an app of which nothing has been made.
    private func drop(_ app: App) {
        app.phase = .clean
        app.addition = nil
        if apps[app.name] === app { apps.removeValue(forKey: app.name) }
        if abandoned[app.name] === app { abandoned.removeValue(forKey: app.name) }
        app.settle()
        if isStopping { finishStopping() }
    }

    /// The container of a checkpoint is made by its start: made, it runs.
    private func awaitRestore(_ app: App, _ stdio: AppStdio, _ request: ControlRequest) {
        app.restoration = AppRestoration(
            stdio: stdio, directory: CheckpointDirectory(path: AppRestore.path(in: pod.appPath(app.name))))
        finish(app, request)
    }

    // MARK: crun

    private func create(
        _ app: App, _ pid: SpecNamespaces.PID, _ start: StartCommand, _ stdio: AppStdio, _ request: ControlRequest
    ) {
        var command = runtime.create(
            id: app.containerID, bundle: app.paths.bundle, pidFile: app.paths.initPID, console: stdio.console?.path,
            log: app.paths.crunLog)
        command.descriptors = stdio.descriptors
        command.oomScore = .exactly(app.oomScore)
        app.waitsFor = "its mounts"
        whileOthersStandStill(app, pid, command) { [self] error in
            app.joinedPIDs = nil
            app.giveUp = nil
            if let error {
                return error.code == .deadline
                    ? undo(app) { request.fail(error) } : notCreated(app, start, error, request)
            }
            do throws(EngineError) {
                try adopt(app, pid: try Self.pid(app.paths.initPID))
                try stdio.connect(app)
                finish(app, request)
            } catch {
                undo(app) { request.fail(error) }
            }
        }
    }

    /// Runs crun, which makes the container. In a PID namespace that has others in it, they stand still meanwhile.
    private func whileOthersStandStill(
        _ app: App, _ pid: SpecNamespaces.PID, _ command: ProcessRequest,
        completion: @escaping (EngineError?) -> Void
    ) {
        let doing = "create app \(app.name)"
        let log = app.paths.crunLog
        guard case .path(let path) = pid, let namespace = StandStill.number(path) else {
            app.giveUp = runner.run(command, doing, log: log, completion: completion)
            return
        }
        let others = apps.values.filter {
            $0 !== app && $0.initPID != nil && ($0.pidNamespace ?? namespace) == namespace
        }
        standStill.begin(namespace, others) { [self] hold in
            let timeout = hold.mustNotLast ? StandStill.limit : RuntimeRunner.timeout
            app.giveUp = runner.run(command, doing, log: log, timeout: timeout) { [self] error in
                standStill.end(hold)
                completion(error)
            }
        }
    }

    /// An app whose command is not there can be added: it is its start that fails.
    private func notCreated(_ app: App, _ start: StartCommand, _ error: EngineError, _ request: ControlRequest) {
        work.run(
            app.chores, "look for a command", { [path = app.paths.rootfs] in start.failure(rootfs: path) }
        ) { [self] cause in
            guard let cause else { return undo(app) { request.fail(error) } }
            app.startError = cause
            removeRuntimeState(app) { [self] in
                removal.kill(app.cgroup, app.chores) { [self] _ in finish(app, request) }
            }
        }
    }

    private func finish(_ app: App, _ request: ControlRequest) {
        guard !request.isCancelled else { return undo(app) {} }
        app.record.pid = app.initPID
        app.waitsFor = "its record below \(pod.path)"
        let record = app.record
        patiently(
            app,
            { [self] (result: Result<Result<Void, EngineError>, EngineError>) in
                if case .failure = result { records.disown(record) }
                saved(app, result.flatMap { $0 }, request)
            }
        ) { [self] done in save(app, .atomic, then: done) }
    }

    private func saved(_ app: App, _ result: Result<Void, EngineError>, _ request: ControlRequest) {
        // Its init may have ended meanwhile, and that be recorded after this.
        let isCreated = app.phase == .creating
        if case .failure(let error) = result {
            return isCreated ? undo(app) { request.fail(error) } : request.fail(error)
        }
        if isCreated { app.phase = .created }
        app.addition = nil
        showStatus()
        answer(request, app)
        trimSoon()
        app.settle()
        // What it had written is left to the next removal.
        if isCreated, request.isCancelled { remove(app) { _ in } }
    }

    static func pid(_ file: String) throws(EngineError) -> pid_t {
        let text = try Files.readText(file, limit: 32)
        guard let pid = pid_t(digits: text.trimmed), pid > 0 else {
            throw EngineError(.internal, "\(file): holds no process number")
        }
        return pid
    }

    /// Takes back an app that could not be made; `completion` when nothing of it is left.
    private func undo(_ app: App, completion: @escaping () -> Void) {
        kill(app)
        if let pid = app.initPID { reaper.expect(pid) { _ in } }
        (app.standardInput, app.terminal) = (nil, nil)
        guard let output = app.output else { return undoContainer(app, completion) }
        if output.isOpening {
            // Taken back when its disk answers.
            output.discardLog {}
            app.output = nil
            return undoContainer(app, completion)
        }
        output.discardLog { [self] in
            app.output = nil
            undoContainer(app, completion)
        }
    }

    private func undoContainer(_ app: App, _ completion: @escaping () -> Void) {
        let log = app.paths.crunLog
        runner.run(runtime.delete(id: app.containerID, log: log), "undo app \(app.name)", log: log) { [self] error in
            guard error != nil else { return undoCgroup(app, completion) }
            // Of a container that crun never made it says so, too.
            removeRuntimeState(app) { [self] in undoCgroup(app, completion) }
        }
    }

    private func undoCgroup(_ app: App, _ completion: @escaping () -> Void) {
        // A crun that was killed leaves processes which are not dead yet.
        removal.kill(app.cgroup, app.chores) { [self] isGone in
            if !isGone { note("undo app \(app.name): its cgroup \(app.cgroup.path) is still in use") }
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
}
