import ByteText
import ChildProcess
import Domain
import JSON
import Logging
import SystemdRun

/// The archived rkt 1.30: pods. What it cannot do is refused by name, see `RktLimits`.
struct PlainRktDialect: EngineDialect {
    let command: RktCommand
    let features: EngineFeatures
    let surroundings: EngineSurroundings
    let logger: Logger
    let words: RktWords
    /// rkt chooses the UUIDs; found again through the pods' annotations.
    let uuids = RktUUIDs()
    let lastKnown = RktLastKnown()
    let marks: RktAppMarks
    let imageNames: RktImageNames
    let stage1 = RktStage1()
    let imageConfigs = RktImageConfigs()
    let files: RktPodFiles
    let units: RktUnits
    let logs: RktLogs

    init(command: RktCommand, version: String, surroundings: EngineSurroundings, logger: Logger) {
        self.command = command
        self.surroundings = surroundings
        self.logger = logger
        let state = RktStateDirectory(in: command.settings.dataDirectory)
        words = RktWords(version: version)
        marks = RktAppMarks(state)
        imageNames = RktImageNames(state)
        files = RktPodFiles(data: command.settings.dataDirectory, cgroups: command.settings.cgroupDirectory)
        units = RktUnits(pods: files.runningPods)
        logs = RktLogs(state, logger: logger)
        features = EngineFeatures(
            name: RktDialect.rkt.rawValue, version: version, recursiveReadOnlyMounts: false, userNamespaces: false,
            stopTimeouts: true, strictGroups: false)
    }

    var settings: EngineSettings { command.settings }

    func networkProblem() -> DomainError? {
        do throws(DomainError) {
            _ = try RktNetwork(settings.changeable())
            return nil
        } catch {
            return error
        }
    }

    func handlers() async -> [RuntimeHandler] { RuntimeHandler.usual() }

    func inventory() async throws(DomainError) -> Inventory {
        var inventory = Inventory(records: [])
        for json in try await list() {
            do {
                guard let pod = try readPod(json) else { continue }
                inventory.records.append(PodRecord(pod: pod.sandbox, containers: await containers(pod)))
            } catch {
                // rkt's own UUIDs say nothing of whose pod it is.
                inventory.others = [.anyPod]
            }
        }
        return inventory
    }

    func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        for json in try await list() {
            guard var listed = try? readPod(json), listed.sandbox.id == pod else { continue }
            if listed.isBooting {
                try await waitUntilReady(listed.uuid, pod)
                listed.isBooting = false
            }
            return PodRecord(pod: listed.sandbox, containers: await containers(listed))
        }
        return nil
    }

    /// rkt prints `null` for an empty list.
    private func list() async throws(DomainError) -> [JSON] {
        let object = "the pods"
        let result = try await command.run(
            ["list"], ["--format=json"], about: object, timeout: settings.queryTimeout)
        guard result.succeeded else { throw command.plainFailure(result, ["list"], about: object) }
        return try command.json(of: result, ["list"], about: object).arrayValue ?? []
    }

    /// Nil for one that is not the daemon's.
    private func readPod(_ json: JSON) throws -> RktPod? {
        do {
            guard var pod = try RktPod(json, unitPrefix: Self.unitPrefix) else { return nil }
            uuids.learn(pod.uuid, of: pod.sandbox.id)
            // A pod whose unit is ready may never come to take apps: until it does it is none that anything can be done with.
            pod.isBooting =
                pod.sandbox.state == .ready && !uuids.isReady(pod.uuid) && !files.takesApps(pod.uuid)
            return pod
        } catch {
            let name = json["name"]?.stringValue ?? "?"
            logger.warning("a pod's record cannot be read", metadata: ["uuid": "\(name)", "cause": "\(error)"])
            throw error
        }
    }

    /// The states in `list` are the pod's, not the apps': each app is asked for its own. One that does not answer is as it was when it
    /// last did; one that never did is `unknown`, with what the list says of it.
    private func containers(_ pod: RktPod) async -> [Container] {
        var containers: [Container] = []
        for app in pod.apps where !marks.marks(of: app.name, in: pod.uuid).isFailed {
            let json = await patientStatus(of: app.name, in: pod.uuid)
            do throws(CodecError) {
                if let read = try json.flatMap({ (json) throws(CodecError) in try container(json, in: pod.uuid) }) {
                    lastKnown.learn(read, in: pod.uuid)
                    if read.state == .running || read.state == .exited { await logs.follow(read) }
                    containers.append(read)
                } else if let known = lastKnown.container(app.name, in: pod.uuid) {
                    containers.append(known)
                } else if var listed = try container(app.listed, in: pod.uuid) {
                    listed.state = .unknown
                    listed.exit = nil
                    containers.append(listed)
                }
            } catch {
                logger.warning("an app's record cannot be read", metadata: ["app": "\(app.name)", "cause": "\(error)"])
            }
        }
        return containers
    }

    /// What rkt tells of an app, with what the daemon knows beyond it. Nil for one that is not the daemon's.
    func container(_ json: JSON, in uuid: EngineUUID) throws(CodecError) -> Container? {
        let name = json["name"]?.stringValue ?? ""
        let marks = marks.marks(of: name, in: uuid)
        guard var container = try RktApp.container(json, marks: marks) else { return nil }
        if container.state == .running, name.isSame(as: container.id.rawValue) {
            container.cgroup = files.cgroup(of: name, in: uuid)
        }
        if container.state == .created, let stopped = marks.stoppedUnstarted {
            container.state = .exited
            container.exit = ContainerExit(
                finishedAt: stopped, code: 137, reason: "Error", message: "stopped before it was started")
        }
        return container
    }

    /// From `unknown` there is no way back, so a status that fails once is asked for again.
    private func patientStatus(of app: String, in uuid: EngineUUID) async -> JSON? {
        for attempt in 1...3 {
            if let json = try? await status(of: app, in: uuid) { return json }
            if attempt < 3 { try? await Task.sleep(for: .milliseconds(100)) }
        }
        return nil
    }

    /// - Parameter patience: how often an exit code that is only half written is waited for.
    func status(of app: String, in uuid: EngineUUID, patience: Int = 50) async throws(DomainError) -> JSON? {
        let object = "container \(app)"
        let verb = ["app", "status"]
        let result = try await command.run(
            verb, [uuid.description, "--app=\(app)", "--format=json"], about: object, timeout: settings.queryTimeout)
        guard result.succeeded else { return nil }
        let json = try command.json(of: result, verb, about: object)
        // rkt makes the file of the exit code before it writes it, and reads an empty one as code 1.
        guard json["state"]?.stringValue?.isSame(as: "exited") == true,
            files.isExitWritten(of: app, in: uuid) == false
        else { return json }
        guard patience > 0 else { return nil }
        try? await Task.sleep(for: .milliseconds(20))
        return try await status(of: app, in: uuid, patience: patience - 1)
    }

    /// What a killed main process leaves behind dies with the unit's cgroup, and rkt detaches the network when the pod is removed.
    /// rkt has no place for it. A pod of its that never ran is told by its state alone.
    func abandon(_ pod: PodID) async throws(DomainError) {}

    func finish(_ pod: PodID) async throws(DomainError) -> PodRecord? {
        guard let uuid = try await uuid(of: pod) else { return nil }
        let result = try await command.run(
            ["stop"], ["--force", uuid.description], about: "pod \(pod)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, ["stop"], about: "pod \(pod)") }
        return nil
    }

    func remove(_ pod: PodID) async throws(DomainError) {
        guard let uuid = try await uuid(of: pod) else { return }
        let result = try await command.run(
            ["rm"], networkOptions + [uuid.description], about: "pod \(pod)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, ["rm"], about: "pod \(pod)") }
        await logs.finish(pod)
        uuids.forget(pod)
        lastKnown.forget(uuid)
        marks.forget(uuid)
    }

    /// Whether rkt lists an app in a pod, whatever `app status` makes of it.
    func lists(_ app: String, in uuid: EngineUUID) async throws(DomainError) -> Bool {
        try await list().contains { json in
            json["name"]?.stringValue == uuid.description
                && (json["app_names"]?.arrayValue?.contains { $0.stringValue == app } == true
                    || json["apps"]?.arrayValue?.contains { $0["name"]?.stringValue == app } == true)
        }
    }

    /// Nil when rkt has no such pod.
    func uuid(of pod: PodID) async throws(DomainError) -> EngineUUID? {
        if let known = uuids.uuid(of: pod) { return known }
        for json in try await list() { _ = try? readPod(json) }
        return uuids.uuid(of: pod)
    }

    func knownUUID(of pod: PodID) async throws(DomainError) -> EngineUUID {
        guard let uuid = try await uuid(of: pod) else {
            throw DomainError(.notFound, "pod \(pod): rkt has no such pod")
        }
        return uuid
    }
}
