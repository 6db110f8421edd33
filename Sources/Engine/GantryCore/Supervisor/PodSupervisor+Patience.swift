extension PodSupervisor {
    /// How long somebody who wants an app gone waits for a step of its making that does not end, in nanoseconds.
    static let patience: Int64 = 2_000_000_000
    /// How long what was begun is taken back before the app is left to itself.
    static let undoLimit: Int64 = 10_000_000_000
    /// Of an app's making. Below the time that the kubelet gives a request, so that it hears why.
    static let makingLimit: Int64 = 100_000_000_000

    /// Does a step of an app's making that may wait for a disk for good. `completion` is called once: with what came of it or, when it is
    /// given up, with a failure.
    /// - Parameters:
    ///   - late: gets what came of it in the end, after it was given up.
    ///   - step: calls what it is given, with what came of it.
    func patiently<Value>(
        _ app: App, late: @escaping (Value) -> Void = { _ in },
        _ completion: @escaping (Result<Value, EngineError>) -> Void, _ step: (@escaping (Value) -> Void) -> Void
    ) {
        var isOver = false
        let end = { (result: Result<Value, EngineError>) in
            guard !isOver else { return }
            isOver = true
            app.giveUp = nil
            completion(result)
        }
        app.giveUp = { error in end(.failure(error)) }
        step { value in isOver ? late(value) : end(.success(value)) }
    }

    /// From now on an app's making has a limit.
    func limitMaking(_ app: App) {
        app.patience = loop.after(Self.makingLimit) { [unowned self] in
            giveUp(app, "it was not made in \(Self.makingLimit / 1_000_000_000) seconds")
        }
    }

    /// Somebody wants the app gone that is being made or started: what it waits for is given up soon.
    func hurry(_ app: App) {
        guard !app.isHurried else { return }
        app.isHurried = true
        app.patience?.cancel()
        app.patience = loop.after(Self.patience) { [unowned self] in giveUp(app, "it is wanted gone") }
    }

    /// Ends what the app waits for. When that does not help the app is left to itself.
    private func giveUp(_ app: App, _ reason: String) {
        let doing = app.phase == .starting ? "start" : "add"
        let what = app.waitsFor.isEmpty ? "" : "; it waited for \(app.waitsFor), whose disk may be dead"
        let error = EngineError(.deadline, "\(doing) app \(app.name): given up, since \(reason)\(what)")
        app.patience = loop.after(Self.undoLimit) { [unowned self] in abandon(app, error) }
        app.giveUp?(error)
        app.making?.giveUpContainer?(error)
    }

    /// Leaves an app to itself of which something is being done, or undone, that does not end. Its name is taken until all of it is undone:
    /// when the disk answers, or with the pod.
    func abandon(_ app: App, _ error: EngineError) {
        guard apps[app.name] === app, app.phase == .creating else { return }
        if app.addition == nil, let making = app.making, making.takeBack == nil {
            // Its addition has been answered: it stays, and its start fails.
            app.startError = error
            return made(app)
        }
        note("app \(app.name): cannot be taken back for now: \(error.message)")
        app.addition?.fail(error)
        app.addition = nil
        apps.removeValue(forKey: app.name)
        abandoned[app.name] = app
        app.phase = .clean
        app.settle()
        if isStopping { finishStopping() }
    }
}
