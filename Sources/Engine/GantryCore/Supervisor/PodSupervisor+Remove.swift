import Glibc
import JSON

extension PodSupervisor {
    /// `app-rm`: kills what runs and removes the app. One that is not there is removed already.
    func remove(_ request: ControlRequest) throws(EngineError) {
        let name = try requestedName(request)
        guard let app = apps[name] else { return request.succeed() }
        remove(app) { result in
            switch result {
            case .success(let garbage): request.succeed(garbage.map { ["garbage": .string($0)] } ?? [:])
            case .failure(let error): request.fail(error)
            }
        }
    }

    /// Where the writable layer is left for the client to delete, which may take long; nil where another was first.
    typealias Removal = Result<String?, EngineError>

    func remove(_ app: App, completion: @escaping (Removal) -> Void) {
        switch app.phase {
        // Removing: another caller was first, and it is gone when that has ended.
        case .creating, .starting:
            app.settleWaiters.append { [unowned self] in remove(app, completion: completion) }
            hurry(app)
        case .removing where app.isRemovalStuck:
            completion(.failure(removalStuck(app)))
        case .ending, .exited, .removing:
            app.settleWaiters.append { [unowned self] in remove(app, completion: completion) }
        case .created, .running:
            stop(app, signal: nil, grace: 0) { [unowned self] in remove(app, completion: completion) }
        case .clean where app.isUpdating:
            // Its record is still written.
            app.updateWaiters.append { [unowned self] in remove(app, completion: completion) }
        case .clean:
            removeRecord(app, completion: completion)
        }
    }

    private func removeRecord(_ app: App, completion: @escaping (Removal) -> Void) {
        guard apps[app.name] === app else { return completion(.success(nil)) }
        app.phase = .removing
        let job: @Sendable () -> Removal = { [store, pod, name = app.name] in
            Result { () throws(EngineError) in
                let garbage = try store.discardApp(name, of: pod)
                pod.keptRecords.forget(name)
                return garbage
            }
        }
        let done: (Removal) -> Void = { [self] result in
            app.isRemovalStuck = false
            app.phase = .clean
            guard case .success = result else { return removed(app, result, completion) }
            apps.removeValue(forKey: app.name)
            showStatus()
            publish(.appRemoved(pod: pod.uuid, app.name)) { [self] in removed(app, result, completion) }
        }
        work.run(
            app.chores, "remove an app", within: Self.undoLimit, job,
            then: { [self] result in
                if let result { return done(result) }
                app.isRemovalStuck = true
                completion(.failure(removalStuck(app)))
                app.settle()
                if isStopping { finishStopping() }
            }, late: done)
    }

    private func removalStuck(_ app: App) -> EngineError {
        EngineError(
            .deadline, "remove app \(app.name): the disk below \(pod.path) does not answer; it is removed once it does")
    }

    private func removed(_ app: App, _ result: Removal, _ completion: (Removal) -> Void) {
        completion(result)
        app.settle()
        if isStopping { finishStopping() }
    }
}
