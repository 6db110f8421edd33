import Glibc

extension PodSupervisor {
    /// `app-stop`: signal, grace, SIGKILL; answered when the exit is recorded.
    func stopApp(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        let signal: Signal?
        if let text = try request.optionalString("signal"), !text.isEmpty {
            signal = try Signal(parsing: text)
        } else {
            signal = nil
        }
        let grace = try request.nanoseconds("timeout_ms")
        stop(app, signal: signal, grace: grace) { [unowned self] in answer(request, app) }
    }

    /// Stops one app; `completion` when its exit is recorded. Stops of several callers are one: the signal is sent once, and the shortest
    /// grace counts.
    func stop(_ app: App, signal: Signal?, grace: Int64?, completion: @escaping () -> Void) {
        switch app.phase {
        case .exited, .clean, .removing:
            completion()
        case .creating, .starting:
            app.settleWaiters.append { [unowned self] in stop(app, signal: signal, grace: grace, completion: completion)
            }
            hurry(app)
        case .ending:
            app.exitWaiters.append(completion)
        case .created:
            app.exitWaiters.append(completion)
            // It has not run: there is nothing to be told to.
            if app.initPID == nil {
                recordExit(app, code: 137, reason: "Error", message: "stopped before it was started")
            } else {
                kill(app)
            }
        case .running:
            app.exitWaiters.append(completion)
            terminate(app, signal: signal, grace: grace ?? defaultGrace(app))
        }
    }

    private func terminate(_ app: App, signal: Signal?, grace: Int64) {
        endCheckpoint(of: app)
        let signal = signal ?? app.record.stopSignal
        if grace > 0 && (!app.isStopSignalled || signal != app.record.stopSignal) {
            app.isStopSignalled = true
            app.signal(signal)
        }
        let (deadline, overflow) = Clock.monotonic().addingReportingOverflow(grace)
        guard !overflow, deadline < app.stopDeadline else { return }
        app.stopDeadline = deadline
        app.stopTimer?.cancel()
        if grace == 0 { return kill(app) }
        app.stopTimer = loop.after(grace) { [unowned self] in kill(app) }
    }

    func defaultGrace(_ app: App) -> Int64 {
        let seconds = app.record.stopTimeoutSeconds ?? config.stopTimeoutSeconds
        return max(0, min(seconds, Int64.max / 2_000_000_000)) * 1_000_000_000
    }

    /// SIGKILL to the container: to its init at once, and to whatever else is in its cgroup, which is thawed should it be frozen.
    func kill(_ app: App) {
        endCheckpoint(of: app)
        app.signal(.kill)
        work.run(app.chores, "kill", { [cgroup = app.cgroup] in cgroup.kill() }) {}
    }

    // MARK: The whole pod

    /// Ends the pod: its apps, each with its grace or `within` nanoseconds; then all the rest is undone and the loop ends.
    ///
    /// - Parameter cause: what ends it; nil when somebody asked the supervisor to.
    func stop(within limit: Int64?, because cause: String? = nil) {
        if !isStopping {
            isStopping = true
            if let cause, record.error.isEmpty { record.error = cause }
            tell(cause.map { "stopping: \($0)" } ?? "stopping, as it was asked to")
            notify("STOPPING=1")
            showStatus()
            advance(to: .deleting)
        }
        for app in apps.values where app.isAlive {
            let grace = min(defaultGrace(app), limit ?? Int64.max)
            stop(app, signal: nil, grace: grace) {}
        }
        finishStopping()
    }

    /// Once no app has anything left, and all of it is written down. When every app has ended, what a dead disk keeps from being undone is
    /// waited for a while only: the pod's end undoes it, too.
    func finishStopping() {
        let left = apps.values.filter { $0.phase != .clean && !$0.isRemovalStuck }
        guard left.isEmpty else {
            guard !left.contains(where: \.isAlive), endTimer == nil else { return }
            endTimer = loop.after(Self.undoLimit) { [self] in
                let late = apps.values.filter { $0.phase != .clean }.map(\.name.string).sorted()
                note("ends before all of its apps is undone (\(late.joined(separator: ", "))): a disk may be dead")
                loop.stop()
            }
            return
        }
        endTimer?.cancel()
        endTimer = nil
        work.run(scribe, "end", within: Self.patience, {}) { [self] _ in
            if apps.values.allSatisfy({ $0.phase == .clean || $0.isRemovalStuck }) { loop.stop() }
        }
    }

    private func advance(to state: PodState) {
        do throws(EngineError) { try record.advance(to: state) } catch { return notRecorded(state, error) }
        work.attempt(
            scribe, "record of the pod",
            { [records, record, fullRecord] () throws(EngineError) in try records.save(record, full: fullRecord) }
        ) { [unowned self] result in
            if case .failure(let error) = result { notRecorded(state, error) }
        }
    }

    private func notRecorded(_ state: PodState, _ error: EngineError) {
        note("cannot record that the pod is \(state.rawValue): \(error.message)")
    }

    func notify(_ message: String) {
        guard let address = notifyAddress else { return }
        NotifySocket.send(message, to: address)
    }
}
