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
        let isTerminal = try request.bool("tty")
        guard isTerminal || request.descriptors.count == 3 else {
            throw EngineError(
                .invalid, "control request app-exec: must come with the three descriptors of its stdio, or with a tty")
        }
        let streams = isTerminal ? nil : try CommandStreams(request.descriptors, loop: loop)
        let size = try Self.terminalSize(try request.optionalObject("size"))
        let timeout = try request.nanoseconds("timeout_ms")
        let name = "exec-\(app.nextExecution)"
        let execution = Execution(
            number: app.nextExecution, request: request, cgroup: app.cgroup.child(name),
            prefix: "\(app.paths.root)/\(name)")
        app.nextExecution += 1
        execution.isSession = try request.bool("session")
        execution.command = LogText.line((request.body["argv"]?.arrayValue ?? []).lazy.compactMap(\.stringValue))
        app.executions[execution.number] = execution
        limit(execution, app, timeout)
        let body = request.takeBody()
        work.attempt(
            app.commands, "preparation of a command",
            { [paths = app.paths, cgroup = app.cgroup, file = execution.processFile] () throws(EngineError) in
                let prepared = try Self.prepare(body, isTerminal: isTerminal, size: size, of: paths.process, to: file)
                _ = try cgroup.makeChild(name)
                return prepared
            }
        ) { [self] result in
            standStill.whenMoving(app) { [self] in begin(execution, app, result, streams) }
        }
    }

    private func begin(
        _ execution: Execution, _ app: App, _ prepared: Result<Execution.Prepared, EngineError>,
        _ streams: CommandStreams?
    ) {
        do throws(EngineError) {
            let prepared = try prepared.get()
            // Ended before it began.
            if execution.isCancelled || execution.isTimedOut {
                return fail(execution, app, EngineError(.internal, "execute a command in app \(app.name): cancelled"))
            }
            guard app.phase == .running else { throw notRunning(app) }
            try run(execution, app, prepared, streams)
        } catch {
            forget(execution, app)
            linger(execution, app)
            execution.request.fail(error)
        }
    }

    /// From now on: whether its client goes, and how long it may take.
    private func limit(_ execution: Execution, _ app: App, _ timeout: Int64?) {
        execution.request.onCancel = { [unowned self] in
            execution.isCancelled = true
            end(execution, app)
        }
        guard let timeout, timeout > 0 else { return }
        execution.timer = loop.after(timeout) { [unowned self] in
            execution.isTimedOut = true
            let command = execution.command.isEmpty ? "a command" : "the command \(LogText.quoted(execution.command))"
            tell(app, "\(command) took longer than its \(LogText.seconds(timeout)) and is killed")
            end(execution, app)
        }
    }

    func notRunning(_ app: App) -> EngineError {
        let hasJustEnded = app.phase == .ending || app.phase == .running
        return EngineError(
            .precondition, "app \(app.name): \(hasJustEnded ? "has just ended" : "is \(app.words), not running")")
    }

    /// Writes the process document of a command. The environment in it is the app's, and may be large.
    private static func prepare(
        _ body: JSON, isTerminal: Bool, size: JSON?, of file: String, to target: String
    ) throws(EngineError) -> Execution.Prepared {
        guard let words = body["argv"]?.arrayValue, !words.isEmpty else {
            throw EngineError(.invalid, "control request app-exec: \"argv\" must be a list that names a command")
        }
        var argv: [String] = []
        for (index, word) in words.enumerated() {
            guard let word = word.stringValue, !word.utf8.contains(0) else {
                throw EngineError(
                    .invalid, "control request app-exec: \"argv[\(index)]\" must be a string without a NUL byte")
            }
            argv.append(word)
        }
        let process: JSON
        do {
            process = try JSON(parsing: try Files.read(file))
        } catch {
            throw EngineError(.internal, "\(file): \(error)")
        }
        let own = try RuntimeSpec.execProcess(of: process, argv: argv, tty: isTerminal, size: size)
        try Files.write(target, own.serialized(), creating: 0o600)
        let path = (own["env"]?.arrayValue ?? []).lazy.compactMap(\.stringValue).last { $0.begins(with: "PATH=") }
        return Execution.Prepared(
            command: argv[0], path: path?.without(prefix: "PATH=").map(String.init),
            directory: own["cwd"]?.stringValue ?? "/")
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
    private func explain(_ error: EngineError, _ execution: Execution, _ app: App, _ prepared: Execution.Prepared) {
        // The init is this process's own child: its root is the container's, with everything that is mounted in there.
        guard let pid = app.initPID, let root = try? Descriptor(gantry_open_path("/proc/\(pid)/root"), "") else {
            return fail(execution, app, error)
        }
        let descriptor = root.take()
        work.run(
            execution.lookup, "look for a command", within: Self.patience,
            {
                let root = Descriptor(owning: descriptor)
                return ExecutableLookup(rootfs: root.raw, mounts: ["/proc"]).failure(
                    prepared.command, path: prepared.path, directory: prepared.directory)
            }
        ) { [self] found in
            let cause = found ?? nil
            fail(execution, app, cause?.prefixed("app \(app.name)") ?? error)
        }
    }

    private func run(
        _ execution: Execution, _ app: App, _ prepared: Execution.Prepared, _ streams: CommandStreams?
    ) throws(EngineError) {
        let request = execution.request
        let console = streams == nil ? try ConsoleSocket(path: execution.console) : nil
        var command = runtime.exec(
            id: app.containerID, process: execution.processFile, pidFile: execution.pidFile,
            cgroup: "exec-\(execution.number)", console: console?.path, log: execution.log)
        if let streams { command.descriptors = streams.descriptors.map(\.raw) }
        command.oomScore = .exactly(app.oomScore)
        runner.run(
            command, "execute a command in app \(app.name)", log: execution.log
        ) { [self] error in
            withExtendedLifetime(streams) {}
            request.releaseDescriptors()
            if let error {
                if app.initHasEnded { return fail(execution, app, notRunning(app)) }
                return explain(error, execution, app, prepared)
            }
            // Also when crun was killed after it had let go of the command.
            do throws(EngineError) { try follow(execution, app, console) } catch { fail(execution, app, error) }
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
        switch reaper.claim(pid) {
        case .living: reaper.expect(pid) { [unowned self] status in ended(execution, app, status) }
        case .exited(let status): loop.soon("children") { [unowned self] in ended(execution, app, status) }
        case .unknown, .ambiguous:
            throw EngineError(
                .internal, "execute a command in app \(app.name): process \(pid) of the pid file is not its process")
        }
        execution.pid = pid
        if execution.isCancelled || execution.isTimedOut { end(execution, app) }
        if let console {
            let terminal = try console.receive()
            execution.request.tell(["ok": true, "started": true], descriptors: [terminal.raw])
        } else if execution.isSession {
            execution.request.tell(["ok": true, "started": true])
        }
    }

    /// Ends the command with everything it started, again and again until it has ended: its container may be frozen at any time.
    private func end(_ execution: Execution, _ app: App, after delay: Int64 = 100_000_000) {
        work.run(app.commands, "kill", { [cgroup = execution.cgroup] in cgroup.kill() }) { [self] in
            guard app.executions[execution.number] === execution else { return }
            loop.after(delay) { [self] in
                guard app.executions[execution.number] === execution else { return }
                end(execution, app, after: min(delay * 2, 5_000_000_000))
            }
        }
    }

    // MARK: The end

    /// At the deadline the answer says that the whole tree is dead, and so it must be. What another command left running in the background
    /// goes on, if its client has heard of the end. A client that vanishes may end the command by that (the terminal hangs up, a pipe ends), before
    /// or after it is seen to be gone: what is left then goes too.
    private func ended(_ execution: Execution, _ app: App, _ status: ExitStatus) {
        forget(execution, app)
        guard execution.isTimedOut || execution.isCancelled else {
            execution.request.onHeard = { [unowned self] isHeard in
                if isHeard { linger(execution, app) } else { killAndRemove(execution, app) {} }
            }
            return answer(execution, status)
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
        removal.kill(
            execution.cgroup, app.commands,
            counting: { app.pastOOMKills = app.pastOOMKills.addingSaturating($0.kills) },
            isWanted: { app.phase == .running || app.phase == .ending }
        ) { [self] isGone in
            if !isGone { linger(execution, app) }
            completion()
        }
    }

    /// The cgroup stays as long as something is in it; the app's end removes it anyhow.
    private func linger(_ execution: Execution, _ app: App) {
        removal.whenEmpty(
            execution.cgroup, app.commands,
            counting: { app.pastOOMKills = app.pastOOMKills.addingSaturating($0.kills) },
            isWanted: { app.phase == .running })
    }
}
