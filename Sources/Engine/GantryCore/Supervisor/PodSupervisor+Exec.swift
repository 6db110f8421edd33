import ByteText
import CGantry
import Glibc
import JSON

extension PodSupervisor {
    /// `app-exec`: runs a command in a running app; answered when it has ended. The end of the connection ends the command.
    func execute(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        try requireNotStopping("execute a command in app \(app.name)")
        guard app.phase == .running else { throw notRunning(app) }
        let isTerminal = request.body["tty"]?.boolValue ?? false
        guard isTerminal || request.descriptors.count == 3 else {
            throw EngineError(
                .invalid, "control request app-exec: must come with the three descriptors of its stdio, or with a tty")
        }
        let process = try process(app, request, isTerminal)
        let streams = isTerminal ? nil : try CommandStreams(request.descriptors, loop: loop)
        let execution = Execution(
            number: app.nextExecution, request: request,
            cgroup: try app.cgroup.makeChild("exec-\(app.nextExecution)"),
            prefix: "\(app.paths.root)/exec-\(app.nextExecution)")
        app.nextExecution += 1
        app.executions[execution.number] = execution
        do throws(EngineError) {
            try Files.write(execution.processFile, process.serialized(), creating: 0o600)
            try run(execution, app, process, streams)
        } catch {
            forget(execution, app)
            linger(execution, app)
            throw error
        }
    }

    private func notRunning(_ app: App) -> EngineError {
        let hasJustEnded = app.phase == .ending || app.phase == .running
        return EngineError(
            .precondition,
            "app \(app.name): \(hasJustEnded ? "has just ended" : "is \(app.record.state.rawValue), not running")")
    }

    private func process(_ app: App, _ request: ControlRequest, _ isTerminal: Bool) throws(EngineError) -> JSON {
        let argv = (request.body["argv"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !argv.isEmpty else {
            throw EngineError(.invalid, "control request app-exec: \"argv\" must name a command")
        }
        let process: JSON
        do {
            process = try JSON(parsing: try Files.read(app.paths.process))
        } catch {
            throw EngineError(.internal, "\(app.paths.process): \(error)")
        }
        return try RuntimeSpec.execProcess(
            of: process, argv: argv, tty: isTerminal, size: try Self.terminalSize(request.body["size"]))
    }

    /// The terminal's size as the runtime document has it; nil: the caller has none to tell.
    private static func terminalSize(_ size: JSON?) throws(EngineError) -> JSON? {
        guard let size else { return nil }
        guard let height = size["height"]?.int64Value, let width = size["width"]?.int64Value,
            let height = UInt16(exactly: height), let width = UInt16(exactly: width)
        else {
            throw EngineError(
                .invalid, "control request app-exec: \"size\" must have a height and a width below \(1 << 16)")
        }
        return ["height": .integer(Int64(height)), "width": .integer(Int64(width))]
    }

    /// Why the command could not be executed, where that is the command's fault: crun says the same of everything that goes wrong.
    private func failure(of process: JSON, in app: App) -> EngineError? {
        // The init is this process's own child: its root is the container's, with everything that is mounted in there.
        guard let pid = app.initPID, let root = try? Descriptor(gantry_open_path("/proc/\(pid)/root"), "") else {
            return nil
        }
        let path = (process["env"]?.arrayValue ?? []).lazy.compactMap(\.stringValue).last { $0.begins(with: "PATH=") }
        return ExecutableLookup(rootfs: root.raw, mounts: ["/proc"]).failure(
            process["args"]?[0]?.stringValue ?? "", path: path?.without(prefix: "PATH=").map(String.init),
            directory: process["cwd"]?.stringValue ?? "/")
    }

    private func run(
        _ execution: Execution, _ app: App, _ process: JSON, _ streams: CommandStreams?
    ) throws(EngineError) {
        let request = execution.request
        let console = streams == nil ? try ConsoleSocket(path: execution.console) : nil
        var command = crun.exec(
            id: app.containerID, process: execution.processFile, pidFile: execution.pidFile,
            cgroup: "exec-\(execution.number)", console: console?.path, log: execution.log)
        if let streams { command.descriptors = streams.descriptors.map(\.raw) }
        command.oomScore = .exactly(app.oomScore)
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
        runner.run(
            command, "execute a command in app \(app.name)", log: execution.log
        ) { [self] error in
            withExtendedLifetime(streams) {}
            request.releaseDescriptors()
            do throws(EngineError) {
                if let error {
                    if app.initHasEnded { throw notRunning(app) }
                    throw failure(of: process, in: app)?.prefixed("app \(app.name)") ?? error
                }
                try follow(execution, app, console)
            } catch {
                // Also when crun was killed after it had let go of the command.
                fail(execution, app, error)
            }
        }
    }

    private func follow(_ execution: Execution, _ app: App, _ console: ConsoleSocket?) throws(EngineError) {
        let pid: pid_t
        do throws(EngineError) {
            pid = try Self.pid(execution.pidFile)
        } catch {
            // The container ended while crun was still at it, its command with it, and the file went with the container's directory.
            guard app.phase == .clean else { throw error }
            return ended(execution, app, ExitStatus(number: SIGKILL, isSignal: true))
        }
        guard reaper.isChild(pid) else {
            throw EngineError(
                .internal, "execute a command in app \(app.name): process \(pid) of the pid file is not its process")
        }
        execution.pid = pid
        reaper.expect(pid) { [unowned self] status in ended(execution, app, status) }
        if execution.isCancelled || execution.isTimedOut { end(execution) }
        if let console {
            let terminal = try console.receive()
            execution.request.tell(["ok": true, "started": true], descriptors: [terminal.raw])
        }
    }

    /// Ends the command with everything it started.
    private func end(_ execution: Execution) {
        execution.cgroup.kill()
    }

    // MARK: The end

    /// At the deadline the answer says that the whole tree is dead, and so it must be. What another command left running in the background
    /// goes on.
    private func ended(_ execution: Execution, _ app: App, _ status: ExitStatus) {
        forget(execution, app)
        guard execution.isTimedOut || execution.isCancelled else {
            answer(execution, status)
            return linger(execution, app)
        }
        killAndRemove(execution, app) { [self] in answer(execution, status) }
    }

    private func fail(_ execution: Execution, _ app: App, _ error: EngineError) {
        forget(execution, app)
        killAndRemove(execution, app) { [self] in
            // An execution that was ended before its command ran.
            if execution.isTimedOut { return answer(execution, ExitStatus(number: SIGKILL, isSignal: true)) }
            execution.request.fail(error)
        }
    }

    private func answer(_ execution: Execution, _ status: ExitStatus) {
        execution.request.succeed([
            "exit_code": .integer(Int64(status.code)), "timed_out": .bool(execution.isTimedOut),
        ])
    }

    private func forget(_ execution: Execution, _ app: App) {
        execution.timer?.cancel()
        app.executions.removeValue(forKey: execution.number)
        execution.removeFiles()
        trimSoon()
    }

    private func killAndRemove(_ execution: Execution, _ app: App, _ completion: @escaping () -> Void) {
        removal.kill(execution.cgroup, removing: { [unowned self] in remove(execution, app) }) { [self] isGone in
            if !isGone { linger(execution, app) }
            completion()
        }
    }

    /// The cgroup stays as long as something is in it; the app's end removes it anyhow.
    private func linger(_ execution: Execution, _ app: App) {
        removal.whenEmpty(isWanted: { app.phase == .running }) { [unowned self] in remove(execution, app) }
    }

    private func remove(_ execution: Execution, _ app: App) -> Bool {
        let removed = execution.cgroup.removeCounting()
        app.pastOOMKills = app.pastOOMKills.addingSaturating(removed.kills)
        return removed.isGone
    }
}
