import ByteText
import ChildProcess
import Domain
import JSON

extension PlainRktDialect {
    static let unitPrefix = "rktlet-pod-"
    /// Bytes of a line of a unit's log that an error has: a status message travels in a header.
    private static let longestLine = 300
    /// How long a start waits for the program to be executed, or for the end of one that cannot be.
    private static let startTime = Duration.seconds(5)
    /// The same where the app's processes are not to be seen.
    private static let blindStartTime = Duration.milliseconds(200)

    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        let object = "container \(request.id)"
        let uuid = try await knownUUID(of: request.podID)
        for (index, mount) in request.config.mounts.enumerated() where !FilePresence.exists(mount.hostPath) {
            // rkt would make the path.
            throw DomainError(.invalidArgument, "config.mounts[\(index)].host_path: \(mount.hostPath) does not exist")
        }
        try RktHostMounts.check(request.config)
        let arguments = try RktAppArguments.arguments(
            request, image: try await config(of: request.image.id), uuid: uuid, words: words, grants: settings.rkt)
        if let note = RktLimits.unenforced(request.config) {
            logger.warning("\(note)", metadata: ["container": "\(request.id)"])
        }
        try await waitUntilReady(uuid, request.podID)
        try addUnits(request, in: uuid)
        let verb = ["app", "add"]
        do throws(DomainError) {
            let result = try await command.run(
                verb, RktCause.flags + arguments, about: object, timeout: settings.changeTimeout)
            guard result.succeeded else { throw await failure(result, verb, of: request) }
        } catch {
            try? marks.change(request.id.rawValue, in: uuid) { $0.isFailed = true }
            units.remove(request.id.rawValue, in: uuid)
            _ = try? await removeApp(request.id, in: uuid)
            throw error
        }
        return try await container(request.id, in: uuid)
    }

    private func addUnits(_ request: NewContainer, in uuid: EngineUUID) throws(DomainError) {
        let isBound = request.config.security.noNewPrivileges
        if units.add(request.id.rawValue, in: uuid, noNewPrivileges: isBound) { return }
        guard !isBound else {
            throw RktLimits.refusal("config.linux.security_context.no_new_privs")
        }
        logger.notice(
            "the pod's stage 1 takes no drop-ins: the container's two streams are one in its log",
            metadata: ["container": "\(request.id)"])
    }

    /// With the cause that rkt's own stage 1 named; where it named none, with what the pod's unit logged.
    private func failure(_ result: ChildResult, _ verb: [String], of request: NewContainer) async -> DomainError {
        let object = "container \(request.id)"
        if let cause = RktCause.text(result) { return command.plainFailure(result, verb, about: object, said: cause) }
        let error = command.plainFailure(result, verb, about: object)
        let lines = await surroundings.lastLines(request.podID.unitName(prefix: Self.unitPrefix), 5)
            .map { $0.onOneLine.shortened(to: Self.longestLine) }
        guard !lines.isEmpty else { return error }
        return DomainError(error.code, "\(error.message); the pod's unit: \(lines.joined(separator: " | "))")
    }

    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        let uuid = try await knownUUID(of: pod)
        // rkt starts an exited app again.
        let before = try await container(id, in: uuid)
        guard before.state == .created else {
            throw DomainError(.failedPrecondition, "container \(id) is \(before.state.rawValue), not created")
        }
        try marks.change(id.rawValue, in: uuid) { $0.isStarting = true }
        defer { try? marks.change(id.rawValue, in: uuid) { $0.isStarting = false } }
        try await change(["app", "start"], id, in: uuid, timeout: settings.changeTimeout)
        if await !isExecuted(id, in: uuid),
            try await status(of: id.rawValue, in: uuid)?["exit_code"]?.int64Value == Int64(RktApp.execFailed)
        {
            try marks.change(id.rawValue, in: uuid) { $0.isStartFailed = true }
        }
        let started = try await container(id, in: uuid)
        await logs.follow(started)
        if let exit = started.exit, exit.reason == "StartError" {
            throw DomainError(.invalidArgument, "container \(id): \(exit.message)")
        }
        return started
    }

    /// rkt's start of a program that cannot be executed succeeds, and its end is written a moment later.
    ///
    /// - Returns: whether the program was seen to run, once it was or an exit is written.
    private func isExecuted(_ id: ContainerID, in uuid: EngineUUID) async -> Bool {
        guard files.processes(of: id.rawValue, in: uuid) != nil || files.hasGroup(uuid) else {
            _ = await isExitWritten(of: id, in: uuid, within: Self.blindStartTime)
            return false
        }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.startTime
        while clock.now < deadline, !Task.isCancelled {
            if files.isExecuted(id.rawValue, in: uuid) { return true }
            if files.isExitWritten(of: id.rawValue, in: uuid) == true { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        guard let uuid = try await uuid(of: pod) else { return }
        do throws(DomainError) {
            try await removeApp(id, in: uuid)
        } catch {
            // What a failed `app add` left goes with its pod at the latest, and is in no list until then.
            guard marks.marks(of: id.rawValue, in: uuid).isFailed else { throw error }
        }
        await logs.finish(id)
    }

    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        let uuid = try await knownUUID(of: pod)
        let container = try await container(id, in: uuid)
        guard container.state == .running else {
            throw DomainError(
                .failedPrecondition, "container \(id) is \(container.state.rawValue); it has no log to reopen")
        }
        try await logs.reopen(container)
    }

    func checkpoint(
        _ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        throw DomainError(.unimplemented, "container \(id): rkt cannot checkpoint a container")
    }

    func images(ofCheckpoint archive: String) async throws(DomainError) -> [String] {
        throw DomainError(.unimplemented, "checkpoint \(archive): rkt cannot make a container of a checkpoint")
    }

    /// None of rkt's commands changes what an app may use.
    func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container {
        throw DomainError(.unimplemented, "container \(id): rkt cannot change the limits of a container")
    }

    private func removeApp(_ id: ContainerID, in uuid: EngineUUID) async throws(DomainError) {
        // A status that fails may be that of an app that is not there, or that of one which runs: the list tells.
        let json = try await status(of: id.rawValue, in: uuid)
        if json == nil, try await !lists(id.rawValue, in: uuid) { return forget(id, in: uuid) }
        if json == nil {
            _ = try? await end(id, in: uuid, signal: .kill, grace: .zero)
        } else if json?["state"]?.stringValue == "running" {
            try await end(id, in: uuid, signal: .kill, grace: .zero)
        }
        try await change(["app", "rm"], id, in: uuid, timeout: settings.changeTimeout)
        units.remove(id.rawValue, in: uuid)
        forget(id, in: uuid)
    }

    private func forget(_ id: ContainerID, in uuid: EngineUUID) {
        lastKnown.forget(id.rawValue, in: uuid)
        marks.forget(id.rawValue, in: uuid)
    }

    func change(
        _ verb: [String], _ id: ContainerID, in uuid: EngineUUID, timeout: Duration
    ) async throws(DomainError) {
        let object = "container \(id)"
        let result = try await command.run(
            verb, [uuid.description, "--app=\(id)"], about: object, timeout: timeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: object) }
    }

    func container(_ id: ContainerID, in uuid: EngineUUID) async throws(DomainError) -> Container {
        let object = "container \(id)"
        guard let json = try await status(of: id.rawValue, in: uuid) else {
            throw DomainError(.notFound, "\(object): rkt has no such app in pod \(uuid)")
        }
        do throws(CodecError) {
            if let container = try container(json, in: uuid) { return container }
        } catch {
            throw DomainError(error, about: object)
        }
        throw DomainError(.internal, "\(object): its app in rkt lost the annotation \(ContainerAnnotation.key)")
    }

    /// rkt has no deadline for exec: at ours its client is killed with its process group.
    func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult {
        let uuid = try await knownUUID(of: pod)
        let entered = try await self.container(container, in: uuid)
        guard entered.state == .running else {
            throw DomainError(.failedPrecondition, "container \(container) is \(entered.state.rawValue), not running")
        }
        try RktExecRule.check(entered, settings.rkt)
        var call = self.command.command(
            ["app", "exec"], ["--app=\(container)", uuid.description] + command, timeout: timeout,
            outputLimit: outputLimit)
        call.errorLimit = outputLimit
        do throws(ChildError) {
            let result = try await call.run()
            let code =
                switch result.end {
                case .code(let code): code
                case .signal(let signal): 128 + signal
                }
            let room = max(0, outputLimit - result.output.count)
            return ExecResult(stdout: result.output, stderr: Array(result.error.prefix(room)), exitCode: code)
        } catch {
            throw DomainError(error, about: "container \(container)", doing: ["app", "exec"])
        }
    }
}
