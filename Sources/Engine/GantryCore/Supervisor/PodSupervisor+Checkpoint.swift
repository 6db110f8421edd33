import ByteText
import CGantry
import JSON

extension PodSupervisor {
    /// How long a checkpoint may take for which nobody has said it, in nanoseconds.
    static let checkpointLimit: Int64 = 120_000_000_000

    /// `app-checkpoint`: has the runtime write the state of a running app's processes, which stand still from before that until the client, told
    /// of the directory, is gone: what else it takes of the app is of the same moment. Then they go on, and the directory is removed.
    func checkpoint(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        let limit = try request.nanoseconds("timeout_ms") ?? Self.checkpointLimit
        try requireCheckpointable(app)
        let checkpoint = AppCheckpoint(
            request, directory: CheckpointDirectory(path: "\(pod.appPath(app.name))/checkpoint"),
            deadline: Clock.monotonic().addingSaturating(limit))
        app.checkpoint = checkpoint
        request.onCancel = { [unowned self] in end(checkpoint, of: app, nil) }
        checkpoint.timer = loop.after(limit) { [unowned self] in
            end(
                checkpoint, of: app,
                EngineError(
                    .deadline, "checkpoint app \(app.name): it was not written in \(limit / 1_000_000) ms"))
        }
        let (path, images) = (checkpoint.directory.path, checkpoint.directory.images)
        work.attempt(
            app.chores, "directory of a checkpoint",
            { () throws(EngineError) in
                try Self.removeTree(path)
                try Files.makeDirectory(path, mode: 0o700)
                try Files.makeDirectory(images, mode: 0o700)
            }
        ) { [self] result in
            if case .failure(let error) = result {
                return end(checkpoint, of: app, error.prefixed("checkpoint app \(app.name)"))
            }
            standStill(app, checkpoint)
        }
    }

    private func requireCheckpointable(_ app: App) throws(EngineError) {
        let doing = "checkpoint app \(app.name)"
        try requireNotStopping(doing)
        guard app.phase == .running else {
            throw EngineError(.precondition, "\(doing): it is \(app.words), not running")
        }
        guard app.checkpoint == nil else {
            throw EngineError(.unavailable, "\(doing): another checkpoint of it is being written; try again then")
        }
        guard app.hasOwnPIDs else {
            throw EngineError(
                .precondition, "\(doing): it shares its processes with others, of which none can be checkpointed alone")
        }
        guard config.namespaces.user == nil else {
            throw EngineError(.precondition, "\(doing): its pod has a user namespace, which runtimes cannot checkpoint")
        }
    }

    private func standStill(_ app: App, _ checkpoint: AppCheckpoint) {
        guard !checkpoint.isEnding else { return }
        guard let freezer = AppFreezer(app.cgroup), freezer.freeze() else {
            return end(
                checkpoint, of: app,
                EngineError(
                    .precondition, "checkpoint app \(app.name): its cgroup is frozen by somebody else, or cannot be"))
        }
        checkpoint.freezer = freezer
        whenFrozen(checkpoint) { [self] in dump(app, checkpoint) }
    }

    /// A process that is in the middle of a system call ends that first: the deadline is the checkpoint's.
    private func whenFrozen(_ checkpoint: AppCheckpoint, _ body: @escaping () -> Void) {
        guard !checkpoint.isEnding else { return }
        if checkpoint.freezer?.isFrozen != false { return body() }
        loop.after(1_000_000) { [unowned self] in whenFrozen(checkpoint, body) }
    }

    private func dump(_ app: App, _ checkpoint: AppCheckpoint) {
        let directory = checkpoint.directory
        let doing = "checkpoint app \(app.name)"
        checkpoint.giveUp = runner.run(
            runtime.checkpoint(
                id: app.containerID, images: directory.images, work: directory.path, log: directory.log), doing,
            log: directory.log, timeout: max(0, checkpoint.deadline - Clock.monotonic()) + Self.undoLimit
        ) { [self] error in
            checkpoint.giveUp = nil
            // Whoever ended it has waited for this.
            guard !checkpoint.isEnding else { return finish(checkpoint, of: app) }
            guard let error else {
                return checkpoint.request.tell(["ok": true, "started": true, "directory": .string(directory.path)])
            }
            explain(error, doing, log: directory.dumpLog, app) { [self] in end(checkpoint, of: app, $0) }
        }
    }

    /// The error with CRIU's own words where it has any: the runtime's name its log, which nobody will find.
    func explain(
        _ error: EngineError, _ doing: String, log: String, _ app: App, then completion: @escaping (EngineError) -> Void
    ) {
        work.run(app.chores, "log of a checkpoint", { CRIU.message(log: log) }) { message in
            guard let message, error.code != .deadline else { return completion(error) }
            completion(EngineError(.ofText(message, otherwise: .internal), "\(doing): criu: \(message)"))
        }
    }

    /// Ends the checkpoint that is being written of an app, if there is one: the app is to end.
    func endCheckpoint(of app: App) {
        guard let checkpoint = app.checkpoint else { return }
        end(
            checkpoint, of: app,
            EngineError(.precondition, "checkpoint app \(app.name): it has ended, or is to end, before it was written"))
    }

    /// - Parameter failure: nil: the client is gone, be it content or not.
    private func end(_ checkpoint: AppCheckpoint, of app: App, _ failure: EngineError?) {
        guard !checkpoint.isEnding else { return }
        checkpoint.isEnding = true
        checkpoint.failure = failure
        if let giveUp = checkpoint.giveUp {
            return giveUp(failure ?? EngineError(.unavailable, "checkpoint app \(app.name): nobody waits for it"))
        }
        finish(checkpoint, of: app)
    }

    private func finish(_ checkpoint: AppCheckpoint, of app: App) {
        checkpoint.timer?.cancel()
        checkpoint.freezer?.thaw()
        let over = {
            if app.checkpoint === checkpoint { app.checkpoint = nil }
            if let failure = checkpoint.failure { checkpoint.request.fail(failure) }
        }
        chore(app, "remove a checkpoint", then: over) { [path = checkpoint.directory.path] () throws(EngineError) in
            try Self.removeTree(path)
        }
    }

    /// A directory of an app, whose name is the last of the path.
    static func removeTree(_ path: String) throws(EngineError) {
        guard let (parent, name) = path.cutLast(at: "/") else { return }
        let directory = try Descriptor(gantry_open_path(String(parent)), "open \(parent)")
        try TreeRemoval.remove(String(name), in: directory.raw, path: path)
    }
}
