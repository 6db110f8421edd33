import ChildProcess
import Domain
import JSON

extension GantryDialect {
    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        let config = try GantryAppConfig.json(request)
        let checkpoint = request.checkpoint.isEmpty ? [] : ["--checkpoint=\(request.checkpoint)"]
        let json = try await call.json(
            ["app", "add"],
            ["--name=\(request.id)", "--config=-"] + checkpoint + [
                EngineUUID(request.podID).description, request.image.id.rawValue,
            ],
            about: "container \(request.id)", input: Array(config.serialized().utf8), timeout: settings.changeTimeout)
        return try container(json, request.id)
    }

    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        let json = try await call.json(
            ["app", "start"], ["--app=\(id)", EngineUUID(pod).description], about: "container \(id)",
            timeout: settings.changeTimeout)
        return try container(json, id)
    }

    func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        var arguments = ["--app=\(id)", "--timeout=\(grace.engineText)"]
        if let signal { arguments.append("--signal=\(signal)") }
        let json = try await call.json(
            ["app", "stop"], arguments + [EngineUUID(pod).description], about: "container \(id)",
            timeout: grace + settings.changeTimeout)
        return try container(json, id)
    }

    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        try await unlessNotFound { () async throws(DomainError) in
            try await call.done(
                ["app", "rm"], ["--app=\(id)", EngineUUID(pod).description], about: "container \(id)",
                timeout: settings.changeTimeout)
        }
    }

    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        try await call.done(
            ["app", "reopen-log"], ["--app=\(id)", EngineUUID(pod).description], about: "container \(id)",
            timeout: settings.changeTimeout)
    }

    func checkpoint(
        _ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        try requireCheckpoints("container \(id)")
        let limit = timeout ?? Self.checkpointTime
        let uuid = EngineUUID(pod).description
        do throws(DomainError) {
            try await call.done(
                ["app", "checkpoint"],
                ["--app=\(id)", "--archive=\(archive)", "--timeout=\(limit.engineText)", uuid],
                // The engine keeps the deadline while the container stands still; then its archive is brought to disk.
                about: "container \(id)", timeout: limit + settings.changeTimeout)
        } catch {
            // Killed together with the pod's supervisor, it has left nobody who would let the container go on; what is frozen on cgroup v1 outlives
            // SIGKILL, and systemd's patience. With a supervisor that lives this does nothing.
            if error.code == .internal {
                try? await call.done(["pod-cleanup"], [uuid], about: "pod \(pod)", timeout: settings.changeTimeout)
            }
            throw error
        }
    }

    func images(ofCheckpoint archive: String) async throws(DomainError) -> [String] {
        try requireCheckpoints("checkpoint \(archive)")
        let facts = try await call.json(
            ["checkpoint"], [archive], about: "checkpoint \(archive)", timeout: settings.changeTimeout)
        return ["image_id", "image_name"].compactMap { facts[$0]?.stringValue }.filter { !$0.isEmpty }
    }

    private func requireCheckpoints(_ object: String) throws(DomainError) {
        guard words.contains("app-checkpoint") else {
            throw DomainError(.unimplemented, "\(object): the engine in use has no checkpoints")
        }
    }

    private static let checkpointTime = Duration.seconds(120)

    func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container {
        let document: JSON = ["version": 1, "resources": resources.json]
        do throws(DomainError) {
            let json = try await call.json(
                ["app", "update"], ["--app=\(id)", "--config=-", EngineUUID(pod).description],
                about: "container \(id)", input: Array(document.serialized().utf8), timeout: settings.changeTimeout)
            return try container(json, id)
        } catch {
            throw DomainError(error.code, LinuxResources.withWireNames(error.message))
        }
    }

    private func container(_ json: JSON, _ id: ContainerID) throws(DomainError) -> Container {
        do throws(CodecError) {
            let fields = try JSONFields(json, path: "app record")
            if let container = try GantryRecords.container(fields), container.id == id { return container }
            throw CodecError(path: "app record", expected: "that of container \(id)")
        } catch {
            throw DomainError(error, about: "container \(id)")
        }
    }

    func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult {
        let object = "container \(container)"
        var arguments = ["--app=\(container)", "--max-output=\(outputLimit)"]
        if let timeout { arguments.append("--timeout=\(timeout.engineText)") }
        let json = try await call.json(
            ["app", "exec"], arguments + [EngineUUID(pod).description, "--"] + command, about: object,
            // The engine keeps the deadline; this one is for an engine that hangs.
            timeout: timeout.map { $0 + settings.changeTimeout },
            // base64 is a third longer.
            outputLimit: outputLimit / 3 * 4 + (64 << 10))
        guard json["timed_out"]?.boolValue != true else {
            let limit = timeout.map { " within \($0)" } ?? ""
            throw DomainError(.deadlineExceeded, "\(object): the command did not end\(limit) and was killed")
        }
        do throws(CodecError) {
            let fields = try JSONFields(json, path: "exec result")
            return ExecResult(
                stdout: try fields.base64("stdout"), stderr: try fields.base64("stderr"),
                exitCode: try fields.integer("exit_code"))
        } catch {
            throw DomainError(error, about: object)
        }
    }
}

extension JSONFields {
    fileprivate func base64(_ key: String) throws(CodecError) -> [UInt8] {
        guard let bytes = JSONBytes.decode(try string(key)) else {
            throw CodecError(path: "\(path).\(key)", expected: "base64")
        }
        return bytes
    }
}
