import Domain
import JSON
import Logging

/// This project's engine: pods.
struct GantryDialect: EngineDialect {
    let call: GantryCall
    let features: EngineFeatures
    let logger: Logger
    /// The engine's own list of what it can do.
    let words: Set<String>
    let knownRuntimes = KnownRuntimes()

    init(call: GantryCall, version: String, features words: Set<String>, logger: Logger) {
        self.call = call
        self.words = words
        self.logger = logger
        features = EngineFeatures(
            name: RktDialect.gantry.rawValue, version: version,
            recursiveReadOnlyMounts: words.contains("recursive-read-only"),
            userNamespaces: words.contains("user-namespaces"), stopTimeouts: words.contains("stop-timeout"),
            wholePods: true, mountOptions: words.contains("mount-options"))
    }

    var settings: EngineSettings { call.settings }

    func inventory() async throws(DomainError) -> Inventory {
        let list = try await call.json(["list"], [], about: "the pods", timeout: settings.queryTimeout)
        guard let pods = list.arrayValue else {
            throw DomainError(.internal, "the pods: the engine's list is no list")
        }
        var inventory = Inventory(records: [])
        for json in pods {
            if case .ours(let record) = GantryRecords.podRecord(json, logger: logger) {
                inventory.records.append(record)
            } else {
                let uuid = json["name"]?.stringValue.flatMap { EngineUUID($0) }
                inventory.others.append(uuid.map { .pod(idPrefix: $0.podIDPrefix) } ?? .anyPod)
            }
        }
        return inventory
    }

    func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        let json: JSON
        do throws(DomainError) {
            json = try await call.json(
                ["status"], [EngineUUID(pod).description], about: "pod \(pod)", timeout: settings.queryTimeout)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        switch GantryRecords.podRecord(json, logger: logger) {
        case .ours(let record): return record
        case .foreign: throw DomainError(.internal, "pod \(pod): its record in the engine lost \(PodAnnotation.key)")
        case .unreadable(let why): throw DomainError(.internal, "pod \(pod): its record cannot be read: \(why)")
        }
    }

    func abandon(_ pod: PodID) async throws(DomainError) {
        // An earlier engine has no such word; what never ran is known by that.
        guard words.contains("abandon") else { return }
        try await unlessNotFound { () async throws(DomainError) in
            try await call.done(
                ["abandon"], [EngineUUID(pod).description], about: "pod \(pod)", timeout: settings.changeTimeout)
        }
    }

    /// Without grace: whoever wants one has given it to the containers before.
    func finish(_ pod: PodID) async throws(DomainError) -> PodRecord? {
        do throws(DomainError) {
            let json = try await call.json(
                ["stop"], ["--force", EngineUUID(pod).description], about: "pod \(pod)",
                timeout: settings.changeTimeout)
            // An earlier engine prints the UUID alone.
            guard json.objectValue != nil, case .ours(let record) = GantryRecords.podRecord(json, logger: logger),
                record.pod.id == pod, record.pod.state == .notReady
            else { return nil }
            return record
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    func remove(_ pod: PodID) async throws(DomainError) {
        try await unlessNotFound { () async throws(DomainError) in
            try await call.done(
                ["rm"], [EngineUUID(pod).description], about: "pod \(pod)", timeout: settings.changeTimeout)
        }
    }

    func unlessNotFound(_ body: () async throws(DomainError) -> Void) async throws(DomainError) {
        do throws(DomainError) { try await body() } catch {
            guard error.code == .notFound else { throw error }
        }
    }
}
