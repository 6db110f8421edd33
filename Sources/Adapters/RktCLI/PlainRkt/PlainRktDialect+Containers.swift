import ChildProcess
import Domain
import JSON

extension PlainRktDialect {
    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        let object = "container \(request.id)"
        let uuid = try await knownUUID(of: request.podID)
        for (index, mount) in request.config.mounts.enumerated() where !FilePresence.exists(mount.hostPath) {
            // rkt would make the path.
            throw DomainError(.invalidArgument, "config.mounts[\(index)].host_path: \(mount.hostPath) does not exist")
        }
        if let note = RktLimits.unenforced(request.config) {
            logger.warning("\(note)", metadata: ["container": "\(request.id)"])
        }
        let verb = ["app", "add"]
        let result = try await command.run(
            verb, try RktAppArguments.arguments(request, uuid: uuid), about: object, timeout: settings.changeTimeout)
        guard result.succeeded else {
            // A failed add leaves the app listed as created.
            _ = try? await removeApp(request.id, in: uuid)
            throw command.plainFailure(result, verb, about: object)
        }
        return try await container(request.id, in: uuid)
    }

    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        let uuid = try await knownUUID(of: pod)
        // rkt starts an exited app again.
        let before = try await container(id, in: uuid)
        guard before.state == .created else {
            throw DomainError(.failedPrecondition, "container \(id) is \(before.state.rawValue), not created")
        }
        try await change(["app", "start"], id, in: uuid, timeout: settings.changeTimeout)
        let started = try await container(id, in: uuid)
        if let exit = started.exit, exit.reason == "StartError" {
            throw DomainError(.invalidArgument, "container \(id): \(exit.message)")
        }
        return started
    }

    /// rkt sends SIGTERM and, after a grace of its own, SIGKILL: `features.stopTimeouts` says so.
    func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        let uuid = try await knownUUID(of: pod)
        try await change(["app", "stop"], id, in: uuid, timeout: grace + settings.changeTimeout)
        return try await container(id, in: uuid)
    }

    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        guard let uuid = try await uuid(of: pod) else { return }
        try await removeApp(id, in: uuid)
    }

    /// rkt's own processes write the streams; none of its commands has them go on in another file.
    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        throw DomainError(
            .unimplemented,
            "container \(id): rkt cannot reopen a log; rotate those of its containers by copying and emptying them")
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
        if json == nil, try await !lists(id.rawValue, in: uuid) { return lastKnown.forget(id.rawValue, in: uuid) }
        if json == nil {
            _ = try? await change(["app", "stop"], id, in: uuid, timeout: settings.changeTimeout)
        } else if json?["state"]?.stringValue == "running" {
            try await change(["app", "stop"], id, in: uuid, timeout: settings.changeTimeout)
        }
        try await change(["app", "rm"], id, in: uuid, timeout: settings.changeTimeout)
        lastKnown.forget(id.rawValue, in: uuid)
    }

    private func change(
        _ verb: [String], _ id: ContainerID, in uuid: EngineUUID, timeout: Duration
    ) async throws(DomainError) {
        let object = "container \(id)"
        let result = try await command.run(
            verb, [uuid.description, "--app=\(id)"], about: object, timeout: timeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: object) }
    }

    private func container(_ id: ContainerID, in uuid: EngineUUID) async throws(DomainError) -> Container {
        let object = "container \(id)"
        guard let json = try await status(of: id.rawValue, in: uuid) else {
            throw DomainError(.notFound, "\(object): rkt has no such app in pod \(uuid)")
        }
        do throws(CodecError) {
            if let container = try RktApp.container(json) { return container }
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
