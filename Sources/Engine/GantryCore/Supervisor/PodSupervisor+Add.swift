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
        let pid = try pidNamespace(manifest.config)
        try pod.createApp(name)
        let app = makeApp(manifest)
        app.hasOwnPIDs = pid == .new
        apps[name] = app
        let bundle: AppBundle.Made
        do throws(EngineError) {
            bundle = try prepare(app, manifest, pid)
        } catch {
            return undo(app) { request.fail(error) }
        }
        app.startError = bundle.startError
        if bundle.startError != nil { return finish(app, request) }
        do throws(EngineError) {
            try create(app, manifest, request)
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

    private func pidNamespace(_ app: AppConfig) throws(EngineError) -> SpecNamespaces.PID {
        let fallback: AppConfig.PIDMode =
            switch config.namespaces.pid {
            case .container: .container
            case .pod: .pod
            case .host: .host
            }
        switch app.namespaces.pid ?? fallback {
        case .container: return .new
        case .host: return .host
        case .pod:
            guard let path = namespaces.pid else {
                throw EngineError(.invalid, "namespaces.pid: pod \(pod.uuid) was made without a PID namespace for all its apps")
            }
            return .path(path)
        case .target:
            guard let name = app.namespaces.target else {
                throw EngineError(.invalid, "namespaces.target: must name an app when namespaces.pid is \"target\"")
            }
            let target = try self.app(name)
            guard let pid = target.initPID, target.phase == .running || target.phase == .created else {
                throw EngineError(.precondition, "namespaces.target: app \(name) is \(target.record.state.rawValue), not running")
            }
            return .path("/proc/\(pid)/ns/pid")
        }
    }

    private func makeApp(_ manifest: AppManifest) -> App {
        var record = AppRecord(name: manifest.name, createdAt: Clock.now())
        record.imageID = manifest.image.id
        record.imageName = manifest.image.name
        record.cgroup = unit.appPath(manifest.name.string)
        record.logPath = manifest.config.logPath
        record.stopTimeoutSeconds = manifest.config.stopTimeoutSeconds
        record.annotations = manifest.config.annotations
        record.userAnnotations = manifest.config.userAnnotations
        record.userLabels = manifest.config.userLabels
        return App(
            name: manifest.name, paths: paths.app(manifest.name), cgroup: unit.app(manifest.name.string),
            containerID: Crun.id(pod.uuid, manifest.name), record: record)
    }

    private func prepare(
        _ app: App, _ manifest: AppManifest, _ pid: SpecNamespaces.PID
    ) throws(EngineError) -> AppBundle.Made {
        try pod.writeAppManifest(manifest, durability: .atomic)
        let made = try AppBundle(
            pod: pod, podConfig: config, podPaths: paths, namespaces: namespaces, manifest: manifest, app: app, pid: pid
        ).make(facts: try facts())
        for line in made.spec.notes { note("app \(app.name): \(line)") }
        app.record.user = made.spec.user
        app.record.stopSignal = made.spec.stopSignal
        let log = manifest.config.logPath.isEmpty ? nil : try LogFile(manifest.config.logPath)
        app.output = AppOutput(loop: loop, log: log)
        return made
    }

    // MARK: crun

    private func create(_ app: App, _ manifest: AppManifest, _ request: ControlRequest) throws(EngineError) {
        let stdio = try AppStdio(config: manifest.config, paths: app.paths)
        var command = crun.create(
            id: app.containerID, bundle: app.paths.bundle, pidFile: app.paths.initPID, console: stdio.console?.path,
            log: app.paths.crunLog)
        command.descriptors = stdio.descriptors
        runner.run(command, "create app \(app.name)", log: app.paths.crunLog) { [self] error in
            do throws(EngineError) {
                if let error { throw error }
                try adopt(app, pid: try Self.pid(app.paths.initPID))
                try stdio.connect(app)
                finish(app, request)
            } catch {
                undo(app) { request.fail(error) }
            }
        }
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
        app.settle()
    }

    static func pid(_ file: String) throws(EngineError) -> pid_t {
        let text = try Files.readText(file, limit: 32)
        guard let pid = pid_t(text.filter { !$0.isWhitespace }), pid > 0 else {
            throw EngineError(.internal, "\(file): holds no process number")
        }
        return pid
    }

    /// Takes back an app that could not be made; `completion` when nothing of it is left.
    private func undo(_ app: App, completion: @escaping () -> Void) {
        kill(app)
        if let pid = app.initPID { reaper.expect(pid) { _ in } }
        app.output = nil
        app.standardInput = nil
        let log = app.paths.crunLog
        runner.run(crun.delete(id: app.containerID, log: log), "undo app \(app.name)", log: log) { [self] error in
            // Of a container that crun never made it says so, too.
            if error != nil { removeRuntimeState(app) }
            app.cgroup.kill()
            app.cgroup.remove()
            unmount(app)
            do throws(EngineError) {
                try pod.removeApp(app.name)
            } catch {
                note("undo app \(app.name): \(error.message)")
            }
            app.phase = .clean
            apps.removeValue(forKey: app.name)
            completion()
            app.settle()
            if isStopping { finishStopping() }
        }
    }
}
