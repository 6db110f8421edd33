import Domain
import Logging
import SystemdRun

/// The pod engine behind its command line: any rkt-compatible binary.
package final class RktCLIEngine: PodEngine, ExecSessions, SandboxProgram {
    let resolver: DialectResolver
    private let settings: EngineSettings
    let beforeMove: @Sendable () -> Void

    /// - Parameters:
    ///   - beforeMove: called when processes are about to be moved between cgroups; must not wait.
    package init(
        settings: EngineSettings, logger: Logger,
        surroundings: EngineSurroundings = EngineSurroundings(),
        beforeMove: @escaping @Sendable () -> Void = {}
    ) {
        self.settings = settings
        self.beforeMove = beforeMove
        // Requests and credentials of a daemon that was killed: nobody waits for what they were for.
        PrivateFile.removeAll(in: settings.requestDirectory)
        resolver = DialectResolver(settings: settings, surroundings: surroundings, logger: logger)
    }

    /// Why this engine is not to work in the data directory: it is another's. Nil until that is found, and no further try mends it.
    package var refusal: DomainError? { resolver.refusal }

    package var features: EngineFeatures {
        get async throws(DomainError) { try await resolver.dialect().features }
    }

    /// Why the network of the daemon's configuration cannot be the pods' with this engine; nil when it can, or the engine does not answer.
    package func networkProblem() async -> DomainError? {
        (try? await resolver.dialect()).flatMap { $0.networkProblem() }
    }

    package var handlers: [RuntimeHandler] {
        get async {
            guard let dialect = try? await resolver.dialect() else { return RuntimeHandler.usual() }
            return await dialect.handlers()
        }
    }

    package func inventory() async throws(DomainError) -> Inventory { try await resolver.dialect().inventory() }

    package func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        try await resolver.dialect().record(of: pod)
    }

    package func events() -> AsyncStream<EngineEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: EngineEvent.self, bufferingPolicy: .bufferingOldest(EventSink.capacity))
        // Lives as long as its reader: the stream's end cancels it.
        let pump = Task { [resolver, settings] in
            while !Task.isCancelled {
                if let dialect = try? await resolver.dialect() {
                    await dialect.pumpEvents(into: EventSink(continuation: continuation))
                } else {
                    try? await Task.sleep(for: settings.pollInterval)
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in pump.cancel() }
        return stream
    }

    package func abandon(_ pod: PodID) async throws(DomainError) { try await resolver.dialect().abandon(pod) }

    @discardableResult
    package func finish(_ pod: PodID) async throws(DomainError) -> PodRecord? {
        try await resolver.dialect().finish(pod)
    }

    package func remove(_ pod: PodID) async throws(DomainError) { try await resolver.dialect().remove(pod) }

    package func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        beforeMove()
        return try await resolver.dialect().addContainer(request)
    }

    package func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        try await resolver.dialect().startContainer(id, of: pod)
    }

    package func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        try await resolver.dialect().stopContainer(id, of: pod, signal: signal, grace: grace)
    }

    package func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        try await resolver.dialect().removeContainer(id, of: pod)
    }

    package func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        try await resolver.dialect().reopenLog(of: id, in: pod)
    }

    package func checkpoint(
        _ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        try await resolver.dialect().checkpoint(id, in: pod, to: archive, timeout: timeout)
    }

    package func images(ofCheckpoint archive: String) async throws(DomainError) -> [String] {
        try await resolver.dialect().images(ofCheckpoint: archive)
    }

    package func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container {
        try await resolver.dialect().updateResources(resources, of: id, in: pod)
    }

    package func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult {
        guard !command.isEmpty else { throw DomainError(.invalidArgument, "cmd of container \(container) is empty") }
        beforeMove()
        return try await resolver.dialect().execSync(
            command, in: container, of: pod, timeout: timeout, outputLimit: outputLimit)
    }

    // MARK: SandboxProgram

    package func prepare(
        _ pod: PodID, config: PodSandboxConfig, unit: String
    ) async throws(DomainError) -> SandboxInvocation {
        try await resolver.dialect().sandbox(pod, config: config, unit: unit)
    }

    package func discard(_ invocation: SandboxInvocation) async { invocation.files.forEach(PrivateFile.remove) }

    package func failure(of pod: PodID) async -> DomainError? {
        guard let dialect = try? await resolver.dialect() else { return nil }
        return await dialect.sandboxFailure(of: pod)
    }
}
