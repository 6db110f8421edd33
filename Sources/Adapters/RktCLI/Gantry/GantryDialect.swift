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

    init(call: GantryCall, version: String, features words: Set<String>, logger: Logger) {
        self.call = call
        self.words = words
        self.logger = logger
        features = EngineFeatures(
            name: RktDialect.gantry.rawValue, version: version,
            recursiveReadOnlyMounts: words.contains("recursive-read-only"),
            userNamespaces: words.contains("user-namespaces"), stopTimeouts: words.contains("stop-timeout"))
    }

    var settings: EngineSettings { call.settings }

    func inventory() async throws(DomainError) -> [PodRecord] {
        let list = try await call.json(["list"], [], about: "the pods", timeout: settings.queryTimeout)
        var records: [PodRecord] = []
        for json in list.arrayValue ?? [] {
            if let record = GantryRecords.podRecord(json, logger: logger) { records.append(record) }
        }
        return records
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
        return GantryRecords.podRecord(json, logger: logger)
    }

    func finish(_ pod: PodID) async throws(DomainError) {
        try await unlessNotFound { () async throws(DomainError) in
            try await call.done(
                ["stop"], [EngineUUID(pod).description], about: "pod \(pod)",
                timeout: settings.stopGrace + settings.changeTimeout)
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
