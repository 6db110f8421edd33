import Domain
import SystemdRun

/// What the adapter does differently for each engine: pods, containers, exec, events.
protocol EngineDialect: Sendable {
    var features: EngineFeatures { get }

    /// Why the network of the daemon's configuration cannot be the pods' with this engine; nil when it can.
    func networkProblem() -> DomainError?
    func handlers() async -> [RuntimeHandler]
    func inventory() async throws(DomainError) -> Inventory
    func record(of pod: PodID) async throws(DomainError) -> PodRecord?
    func abandon(_ pod: PodID) async throws(DomainError)
    func finish(_ pod: PodID) async throws(DomainError) -> PodRecord?
    func remove(_ pod: PodID) async throws(DomainError)

    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container
    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container
    func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container
    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError)
    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError)
    func checkpoint(_ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?) async throws(DomainError)
    func images(ofCheckpoint archive: String) async throws(DomainError) -> [String]
    func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container

    func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult

    // Sessions.
    func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession
    func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession
    func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding

    /// Feeds the sink until the task is cancelled.
    func pumpEvents(into sink: EventSink) async

    // The pod's main process, for the launcher.
    func sandbox(_ pod: PodID, config: PodSandboxConfig, unit: String) async throws(DomainError) -> SandboxInvocation
    func sandboxFailure(of pod: PodID) async -> DomainError?

    // Images.
    func images() async throws(DomainError) -> [Image]
    func pull(
        _ reference: ImageReference, credentials: RegistryCredentials?,
        progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image
    func removeImage(_ id: ImageID) async throws(DomainError)
    func imageUsage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage)
}

extension EngineDialect {
    func networkProblem() -> DomainError? { nil }
}
