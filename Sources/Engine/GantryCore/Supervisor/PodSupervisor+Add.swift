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
                whenMade(manifest.config.namespaces.target) { [self] in
                    prepareOrDrop(app, manifest, restore, request)
                }
            } catch {
                drop(app)
                request.fail(error)
            }
        }
    }

    /// Goes on once the app whose processes are to be joined is made, if its addition has been answered.
    private func whenMade(_ name: AppName?, _ body: @escaping () -> Void) {
        guard let name, let target = apps[name], target.phase == .creating, target.addition == nil else {
            return body()
        }
        target.settleWaiters.append(body)
    }

    private func prepareOrDrop(
        _ app: App, _ manifest: AppManifest, _ restore: AppRestore?, _ request: ControlRequest
    ) {
        do throws(EngineError) {
            try prepare(app, manifest, restore, request)
        } catch {
            drop(app)
            request.fail(error)
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
                    .precondition, "namespaces.target: app \(name) is \(target.words), not running")
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
    func drop(_ app: App) {
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
        app.making = AppMaking()
        containerIsOver(app)
        record(app, request)
    }
}
