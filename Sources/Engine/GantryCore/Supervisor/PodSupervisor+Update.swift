import JSON

extension PodSupervisor {
    /// `app-update`: other limits for an app that is created or runs, all of them or none. Answered when they are in force and recorded. One
    /// change after the other.
    func update(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        try requireNotStopping("update app \(app.name)")
        if app.phase == .creating || app.phase == .starting {
            app.settleWaiters.append { [unowned self] in handle(request) }
            return
        }
        try requireUpdatable(app)
        if app.isUpdating {
            app.updateWaiters.append { [unowned self] in handle(request) }
            return
        }
        var reader = try ObjectReader(request.optionalObject("config") ?? .null)
        let change = try Self.resources(&reader)
        app.isUpdating = true
        work.attempt(app.chores, "change of limits", job(app, change)) { [self] result in
            switch result {
            case .success(let outcome):
                for line in outcome.notes { note("app \(app.name): \(line)") }
                record(app, outcome, request)
            case .failure(let error): fail(app, error, request)
            }
        }
    }

    /// The document of `app update --config`: `{"version":1,"resources":{…}}`.
    private static func resources(_ reader: inout ObjectReader) throws(EngineError) -> AppResources {
        try reader.version()
        guard
            let resources = try reader.object(
                "resources", { (nested) throws(EngineError) in try AppResources(&nested) })
        else { throw EngineError(.invalid, "resources: is missing") }
        try reader.finish()
        return resources
    }

    private func requireUpdatable(_ app: App) throws(EngineError) {
        guard app.phase == .created || app.phase == .running else {
            throw EngineError(
                .precondition, "update app \(app.name): it is \(app.words), neither created nor running")
        }
        guard app.restoration == nil else {
            throw EngineError(.precondition, "update app \(app.name): it waits to be restored; start it first")
        }
        if let error = app.startError {
            throw EngineError(.precondition, "update app \(app.name): it cannot be started: \(error.message)")
        }
    }

    private func job(_ app: App, _ change: AppResources) -> @Sendable () throws(EngineError) -> ResourceChange.Outcome {
        let (cgroup, old, score, facts) = (app.cgroup, app.record.resources, app.oomScore, facts)
        return { () throws(EngineError) in
            let known = try facts.get { _ in }
            let host = ResourceChange.Host(
                lowestOOMScore: known.lowestOOMScoreAdj, limitsSwap: known.swapLimits,
                pageSizes: try HostFacts.pageSizes(), limitedPageSizes: known.hugepageSizes)
            return try ResourceChange(cgroup: cgroup, old: old, change: change, score: score, host: host).apply()
        }
    }

    /// What is in force is written down; what cannot be is put back.
    private func record(_ app: App, _ outcome: ResourceChange.Outcome, _ request: ControlRequest) {
        let before = (resources: app.record.resources, score: app.oomScore)
        app.record.change(outcome.resources)
        if outcome.resources.oomScoreAdj != before.resources.oomScoreAdj {
            app.oomScore = outcome.resources.oomScoreAdj
        }
        let goBack = { [self] (error: EngineError) in
            app.record.change(before.resources)
            app.oomScore = before.score
            work.run(app.chores, "limits put back", { outcome.undo.run() }) { [self] rest in
                // Whatever of the change was written is old news.
                save(app, .atomic) { [self] _ in fail(app, ResourceChange.error(error, leaving: rest), request) }
            }
        }
        work.run(
            scribe, "record of limits", within: Self.patience,
            { [records, record = app.record] in
                Result { () throws(EngineError) in try records.save(record, .atomic) }
            }
        ) { [self] result in
            switch result {
            case .success:
                tell(app, "has other limits")
                answer(request, app)
                finishUpdate(app)
            case .failure(let error): goBack(error)
            case nil:
                let cause = EngineError(
                    .deadline, "update app \(app.name): the disk below \(pod.path) does not answer")
                // The worker that writes is still at it: what puts things back does not wait for it.
                app.record.change(before.resources)
                app.oomScore = before.score
                work.run(app.chores, "limits put back", { outcome.undo.run() }) { [self] rest in
                    save(app, .atomic) { _ in }
                    fail(app, ResourceChange.error(cause, leaving: rest), request)
                }
            }
        }
    }

    private func fail(_ app: App, _ error: EngineError, _ request: ControlRequest) {
        // The cgroup of an app that has ended meanwhile takes nothing, which says little.
        do throws(EngineError) {
            try requireUpdatable(app)
            request.fail(error.code == .notFound ? EngineError(.internal, error.message) : error)
        } catch {
            request.fail(error)
        }
        finishUpdate(app)
    }

    private func finishUpdate(_ app: App) {
        app.isUpdating = false
        let waiters = app.updateWaiters
        app.updateWaiters = []
        for waiter in waiters { waiter() }
    }
}
