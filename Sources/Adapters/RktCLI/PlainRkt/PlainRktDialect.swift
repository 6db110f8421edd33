import ChildProcess
import Domain
import JSON
import Logging
import SystemdRun

/// The archived rkt 1.30: pods. What it cannot do is refused by name, see `RktLimits`.
struct PlainRktDialect: EngineDialect {
    let command: RktCommand
    let features: EngineFeatures
    let wakeups: @Sendable () -> AsyncStream<Void>
    let logger: Logger
    /// rkt chooses the UUIDs; found again through the pods' annotations.
    let uuids = RktUUIDs()

    init(command: RktCommand, version: String, wakeups: @escaping @Sendable () -> AsyncStream<Void>, logger: Logger) {
        self.command = command
        self.wakeups = wakeups
        self.logger = logger
        features = EngineFeatures(
            name: RktDialect.rkt.rawValue, version: version, recursiveReadOnlyMounts: false, userNamespaces: false,
            stopTimeouts: false)
    }

    var settings: EngineSettings { command.settings }

    func inventory() async throws(DomainError) -> [PodRecord] {
        var records: [PodRecord] = []
        for json in try await list() {
            guard let pod = readPod(json) else { continue }
            records.append(PodRecord(pod: pod.sandbox, containers: await containers(pod)))
        }
        return records
    }

    func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        for json in try await list() {
            guard let listed = readPod(json), listed.sandbox.id == pod else { continue }
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

    private func readPod(_ json: JSON) -> RktPod? {
        do {
            let pod = try RktPod(json, unitPrefix: "rktlet-pod-")
            if let pod { uuids.learn(pod.uuid, of: pod.sandbox.id) }
            return pod
        } catch {
            let name = json["name"]?.stringValue ?? "?"
            logger.warning("a pod's record cannot be read", metadata: ["uuid": "\(name)", "cause": "\(error)"])
            return nil
        }
    }

    /// The states in `list` are the pod's, not the apps': each app is asked for its own. One that does not answer is `unknown`, with
    /// what the list says of it.
    private func containers(_ pod: RktPod) async -> [Container] {
        var containers: [Container] = []
        for app in pod.apps {
            let json = try? await status(of: app.name, in: pod.uuid)
            do throws(CodecError) {
                let read = try json.flatMap { (json) throws(CodecError) in try RktApp.container(json) }
                let fallback = try RktApp.container(app.listed).map { container in
                    var container = container
                    container.state = .unknown
                    container.exit = nil
                    return container
                }
                if let container = read ?? fallback { containers.append(container) }
            } catch {
                logger.warning("an app's record cannot be read", metadata: ["app": "\(app.name)", "cause": "\(error)"])
            }
        }
        return containers
    }

    func status(of app: String, in uuid: EngineUUID) async throws(DomainError) -> JSON? {
        let object = "container \(app)"
        let verb = ["app", "status"]
        let result = try await command.run(
            verb, [uuid.description, "--app=\(app)", "--format=json"], about: object, timeout: settings.queryTimeout)
        guard result.succeeded else { return nil }
        return try command.json(of: result, verb, about: object)
    }

    /// What a killed main process leaves behind dies with the unit's cgroup, and rkt detaches the network when the pod is removed.
    func finish(_ pod: PodID) async throws(DomainError) {
        guard let uuid = try await uuid(of: pod) else { return }
        let result = try await command.run(
            ["stop"], ["--force", uuid.description], about: "pod \(pod)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, ["stop"], about: "pod \(pod)") }
    }

    func remove(_ pod: PodID) async throws(DomainError) {
        guard let uuid = try await uuid(of: pod) else { return }
        let result = try await command.run(
            ["rm"], [uuid.description], about: "pod \(pod)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, ["rm"], about: "pod \(pod)") }
        uuids.forget(pod)
    }

    /// Nil when rkt has no such pod.
    func uuid(of pod: PodID) async throws(DomainError) -> EngineUUID? {
        if let known = uuids.uuid(of: pod) { return known }
        for json in try await list() { _ = readPod(json) }
        return uuids.uuid(of: pod)
    }

    func knownUUID(of pod: PodID) async throws(DomainError) -> EngineUUID {
        guard let uuid = try await uuid(of: pod) else {
            throw DomainError(.notFound, "pod \(pod): rkt has no such pod")
        }
        return uuid
    }

    /// rkt has no events: it is asked at intervals and when a unit changed, and each difference comes as a snapshot.
    func pumpEvents(into sink: EventSink) async {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [settings] in
                while !Task.isCancelled {
                    tick.yield()
                    try? await Task.sleep(for: settings.pollInterval)
                }
                tick.finish()
            }
            group.addTask { [wakeups] in
                for await _ in wakeups() { tick.yield() }
            }
            var last: [PodRecord]?
            for await _ in ticks {
                guard let records = try? await inventory(), records != last else { continue }
                if sink.yield(.snapshot(records)) { last = records }
            }
            group.cancelAll()
        }
    }
}
