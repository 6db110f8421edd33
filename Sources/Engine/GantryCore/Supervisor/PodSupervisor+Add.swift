import ByteText
import CGantry
import Glibc
import JSON

extension PodSupervisor {
    /// `app-add`: makes the container; answered when it is created. On an error nothing of the app is left.
    func add(_ request: ControlRequest) throws(EngineError) {
        let name = try requestedName(request)
        try requireNotStopping("add app \(name)")
        guard apps[name] == nil else {
            throw EngineError(.exists, "app \(name): exists already in pod \(pod.uuid)")
        }
        let manifest = try self.manifest(name, request)
        let (pid, held) = try pidNamespace(manifest.config)
        try pod.createApp(name)
        let app = makeApp(manifest)
        app.hasOwnPIDs = pid == .new
        app.joinedPIDs = held
        apps[name] = app
        do throws(EngineError) {
            try create(app, manifest, try prepare(app, manifest, pid), pid, request)
        } catch {
            undo(app) { request.fail(error) }
        }
    }

    private func manifest(_ name: AppName, _ request: ControlRequest) throws(EngineError) -> AppManifest {
        let config = try AppConfig(json: request.body["config"] ?? .object([:]))
        let image = try AppManifest.Image(json: request.body["image"] ?? .null)
        var images: [String: AppManifest.Image] = [:]
        for (key, value) in request.body["imageMounts"]?.objectValue ?? [:] {
            images[key] = try AppManifest.Image(json: value)
        }
        return AppManifest(name: name, image: image, config: config, imageMounts: images)
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
                    .precondition, "namespaces.target: app \(name) is \(target.record.state.rawValue), not running")
            }
            // Opened while the process is this one's own child: later its number may be another's.
            let namespace = try Descriptor(
                open("/proc/\(pid)/ns/pid", O_RDONLY | O_CLOEXEC), "join the processes of app \(name)")
            return (.path("/proc/\(getpid())/fd/\(namespace.raw)"), namespace)
        }
    }

    private func makeApp(_ manifest: AppManifest) -> App {
        var record = AppRecord(name: manifest.name, createdAt: Clock.now())
        record.describe(manifest)
        record.cgroup = unit.appPath(manifest.name.string)
        return App(
            name: manifest.name, paths: paths.app(manifest.name), cgroup: unit.app(manifest.name.string),
            containerID: Crun.id(pod.uuid, manifest.name), record: record)
    }

    private func prepare(
        _ app: App, _ manifest: AppManifest, _ pid: SpecNamespaces.PID
    ) throws(EngineError) -> BuiltSpec {
        try pod.writeAppManifest(manifest, durability: .atomic)
        BorrowedSlices(runDir: store.runDir).note(unit)
        let made = try AppBundle(
            pod: pod, podConfig: config, podPaths: paths, namespaces: namespaces, manifest: manifest, app: app, pid: pid
        ).make(facts: try facts(), profiles: profiles)
        for line in made.notes { note("app \(app.name): \(line)") }
        app.record.user = made.user
        app.record.stopSignal = made.stopSignal
        app.oomScore = made.json["process"]?["oomScoreAdj"]?.int64Value ?? 0
        let bounding = made.json["process"]?["capabilities"]?["bounding"]?.arrayValue ?? []
        app.mayTrace = bounding.contains("CAP_SYS_PTRACE")
        let log = manifest.config.logPath.isEmpty ? nil : try LogFile(manifest.config.logPath)
        app.output = AppOutput(loop: loop, log: log)
        return made
    }

    // MARK: crun

    private func create(
        _ app: App, _ manifest: AppManifest, _ spec: BuiltSpec, _ pid: SpecNamespaces.PID, _ request: ControlRequest
    ) throws(EngineError) {
        let stdio = try AppStdio(config: manifest.config, paths: app.paths)
        var command = crun.create(
            id: app.containerID, bundle: app.paths.bundle, pidFile: app.paths.initPID, console: stdio.console?.path,
            log: app.paths.crunLog)
        command.descriptors = stdio.descriptors
        command.oomScore = .exactly(app.oomScore)
        whileOthersStandStill(app, pid, command) { [self] error in
            app.joinedPIDs = nil
            do throws(EngineError) {
                if let error {
                    guard let cause = AppBundle.commandFailure(spec, rootfs: app.paths.rootfs) else { throw error }
                    return keepWithoutContainer(app, cause, request)
                }
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
            return runner.run(command, doing, log: log, completion: completion)
        }
        let others = apps.values.filter {
            $0 !== app && $0.initPID != nil && ($0.pidNamespace ?? namespace) == namespace
        }
        standStill.begin(namespace, others) { [self] hold in
            let timeout = hold.mustNotLast ? StandStill.limit : CrunRunner.timeout
            runner.run(command, doing, log: log, timeout: timeout) { [self] error in
                standStill.end(hold)
                completion(error)
            }
        }
    }

    /// An app whose command is not there can be added: it is its start that fails.
    private func keepWithoutContainer(_ app: App, _ cause: EngineError, _ request: ControlRequest) {
        app.startError = cause
        removeRuntimeState(app)
        removal.kill(app.cgroup) { [self] _ in finish(app, request) }
    }

    private func finish(_ app: App, _ request: ControlRequest) {
        do throws(EngineError) {
            app.record.pid = app.initPID
            app.phase = .created
            try save(app, durability: .atomic)
            request.succeed(["app": app.record.json])
        } catch {
            return undo(app) { request.fail(error) }
        }
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

    /// Takes back an app that could not be made; `completion` when nothing of it is left.
    private func undo(_ app: App, completion: @escaping () -> Void) {
        kill(app)
        if let pid = app.initPID { reaper.expect(pid) { _ in } }
        app.output?.discardLog()
        app.output = nil
        app.standardInput = nil
        let log = app.paths.crunLog
        runner.run(crun.delete(id: app.containerID, log: log), "undo app \(app.name)", log: log) { [self] error in
            // Of a container that crun never made it says so, too.
            if error != nil { removeRuntimeState(app) }
            // A crun that was killed leaves processes which are not dead yet.
            removal.kill(app.cgroup) { [self] isGone in
                if !isGone { note("undo app \(app.name): its cgroup \(app.cgroup.path) is still in use") }
                undone(app)
                completion()
                app.settle()
                if isStopping { finishStopping() }
            }
        }
    }

    private func undone(_ app: App) {
        unmount(app)
        do throws(EngineError) {
            try pod.removeApp(app.name)
        } catch {
            note("undo app \(app.name): \(error.message)")
        }
        app.phase = .clean
        apps.removeValue(forKey: app.name)
    }
}
