import CGantry
import Glibc
import JSON

extension PodSupervisor {
    /// `app-exec`: runs a command in a running app; answered when it has ended. The end of the connection ends the command.
    func execute(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        try requireNotStopping("execute a command in app \(app.name)")
        guard app.phase == .running else {
            throw EngineError(.precondition, "app \(app.name): is \(app.record.state.rawValue), not running")
        }
        let isTerminal = request.body["tty"]?.boolValue ?? false
        guard isTerminal || request.descriptors.count == 3 else {
            throw EngineError(.invalid, "control request app-exec: must come with the three descriptors of its stdio, or with a tty")
        }
        let process = try process(app, request, isTerminal)
        try look(for: process, in: app)
        let execution = Execution(
            number: app.nextExecution, request: request,
            cgroup: try app.cgroup.makeChild("exec-\(app.nextExecution)"), prefix: "\(app.paths.root)/exec-\(app.nextExecution)")
        app.nextExecution += 1
        app.executions[execution.number] = execution
        do throws(EngineError) {
            try Files.write(execution.processFile, process.serialized(), creating: 0o600)
            try run(execution, app, isTerminal)
        } catch {
            forget(execution, app)
            throw error
        }
    }

    private func process(_ app: App, _ request: ControlRequest, _ isTerminal: Bool) throws(EngineError) -> JSON {
        let argv = (request.body["argv"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !argv.isEmpty else { throw EngineError(.invalid, "control request app-exec: \"argv\" must name a command") }
        let spec: JSON
        do {
            spec = try JSON(parsing: try Files.read(app.paths.spec))
        } catch {
            throw EngineError(.internal, "\(app.paths.spec): \(error)")
        }
        return try RuntimeSpec.execProcess(of: spec, argv: argv, tty: isTerminal)
    }

    /// A command that is not there is told from all else that may go wrong in crun.
    private func look(for process: JSON, in app: App) throws(EngineError) {
        guard let pid = app.initPID else { return }
        // The init is this process's own child: its root is the container's, with everything that is mounted in there.
        let root = try Descriptor(gantry_open_path("/proc/\(pid)/root"), "look into app \(app.name)")
        let path = (process["env"]?.arrayValue ?? []).lazy.compactMap(\.stringValue).last { $0.hasPrefix("PATH=") }
        let failure = ExecutableLookup(rootfs: root.raw, mounts: []).failure(
            process["args"]?[0]?.stringValue ?? "", path: path.map { String($0.dropFirst(5)) },
            directory: process["cwd"]?.stringValue ?? "/")
        if let failure { throw failure.prefixed("app \(app.name)") }
    }

    private func run(_ execution: Execution, _ app: App, _ isTerminal: Bool) throws(EngineError) {
        let request = execution.request
        let console = isTerminal ? try ConsoleSocket(path: execution.console) : nil
        var command = crun.exec(
            id: app.containerID, process: execution.processFile, pidFile: execution.pidFile,
            cgroup: "exec-\(execution.number)", console: console?.path, log: execution.log)
        command.descriptors = isTerminal ? [nil, nil, nil] : request.descriptors.map(\.raw)
        request.onCancel = { [unowned self] in
            execution.isCancelled = true
            end(execution)
        }
        if let timeout = Self.nanoseconds(request.body["timeout_ms"]), timeout > 0 {
            execution.timer = loop.after(timeout) { [unowned self] in
                execution.isTimedOut = true
                end(execution)
            }
        }
        runner.run(command, "execute a command in app \(app.name)", log: execution.log) { [self] error in
            request.releaseDescriptors()
            do throws(EngineError) {
                if let error { throw error }
                try follow(execution, app, console)
            } catch {
                // Also when crun was killed after it had let go of the command.
                end(execution)
                forget(execution, app)
                // An execution that was ended before its command ran.
                if execution.isTimedOut { return answer(execution, ExitStatus(number: SIGKILL, isSignal: true)) }
                request.fail(error)
            }
        }
    }

    private func follow(_ execution: Execution, _ app: App, _ console: ConsoleSocket?) throws(EngineError) {
        let pid = try Self.pid(execution.pidFile)
        guard reaper.isChild(pid) else {
            throw EngineError(.internal, "execute a command in app \(app.name): process \(pid) of the pid file is not its process")
        }
        execution.pid = pid
        reaper.expect(pid) { [unowned self] status in
            answer(execution, status)
            forget(execution, app)
        }
        if execution.isCancelled || execution.isTimedOut { end(execution) }
        if let console {
            let terminal = try console.receive()
            execution.request.tell(["ok": true, "started": true], descriptors: [terminal.raw])
        }
    }

    private func answer(_ execution: Execution, _ status: ExitStatus) {
        execution.request.succeed([
            "exit_code": .integer(Int64(status.code)), "timed_out": .bool(execution.isTimedOut),
        ])
    }

    /// Ends the command with everything it started.
    private func end(_ execution: Execution) {
        execution.cgroup.kill()
    }

    // What a command left running in the background goes on, and keeps the cgroup until the app ends.
    private func forget(_ execution: Execution, _ app: App) {
        execution.timer?.cancel()
        app.executions.removeValue(forKey: execution.number)
        app.pastOOMKills += app.phase == .running ? execution.cgroup.removeCounting() : 0
        execution.removeFiles()
    }
}
