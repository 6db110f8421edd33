import Domain

/// An engine whose calls are counted.
struct MeasuredEngine: PodEngine, ExecSessions {
    let engine: any PodEngine & ExecSessions
    let counters: CallCounters

    var features: EngineFeatures {
        get async throws(DomainError) {
            try await counters.measure("features") { () throws(DomainError) in try await engine.features }
        }
    }

    var handlers: [RuntimeHandler] {
        get async { await engine.handlers }
    }

    func inventory() async throws(DomainError) -> Inventory {
        try await counters.measure("inventory") { () throws(DomainError) in try await engine.inventory() }
    }

    func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        try await counters.measure("record") { () throws(DomainError) in try await engine.record(of: pod) }
    }

    func events() -> AsyncStream<EngineEvent> { engine.events() }

    func abandon(_ pod: PodID) async throws(DomainError) {
        try await counters.measure("abandon") { () throws(DomainError) in try await engine.abandon(pod) }
    }

    func finish(_ pod: PodID) async throws(DomainError) -> PodRecord? {
        try await counters.measure("finish") { () throws(DomainError) in try await engine.finish(pod) }
    }

    func remove(_ pod: PodID) async throws(DomainError) {
        try await counters.measure("remove") { () throws(DomainError) in try await engine.remove(pod) }
    }

    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        try await counters.measure("addContainer") { () throws(DomainError) in try await engine.addContainer(request) }
    }

    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        try await counters.measure("startContainer") { () throws(DomainError) in
            try await engine.startContainer(id, of: pod)
        }
    }

    func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        try await counters.measure("stopContainer") { () throws(DomainError) in
            try await engine.stopContainer(id, of: pod, signal: signal, grace: grace)
        }
    }

    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        try await counters.measure("removeContainer") { () throws(DomainError) in
            try await engine.removeContainer(id, of: pod)
        }
    }

    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        try await counters.measure("reopenLog") { () throws(DomainError) in
            try await engine.reopenLog(of: id, in: pod)
        }
    }

    func checkpoint(
        _ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        try await counters.measure("checkpoint") { () throws(DomainError) in
            try await engine.checkpoint(id, in: pod, to: archive, timeout: timeout)
        }
    }

    func images(ofCheckpoint archive: String) async throws(DomainError) -> [String] {
        try await counters.measure("imagesOfCheckpoint") { () throws(DomainError) in
            try await engine.images(ofCheckpoint: archive)
        }
    }

    func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container {
        try await counters.measure("updateResources") { () throws(DomainError) in
            try await engine.updateResources(resources, of: id, in: pod)
        }
    }

    func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult {
        try await counters.measure("execSync") { () throws(DomainError) in
            try await engine.execSync(command, in: container, of: pod, timeout: timeout, outputLimit: outputLimit)
        }
    }
}
