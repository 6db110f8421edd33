/// The containers of pods that run, and the truth about all of them.
///
/// Every call answers to the cancellation of its task, soon and with an error; what it had begun is for the caller to undo.
package protocol PodEngine: Sendable {
    /// What this engine can do; asked once, constant.
    var features: EngineFeatures { get async throws(DomainError) }

    /// Every pod with its containers, exited ones included. Their configs are equal to those that were given: a repeated request is
    /// recognised by that, also after a restart.
    func inventory() async throws(DomainError) -> [PodRecord]

    /// One pod with its containers; nil when the engine knows none.
    func record(of pod: PodID) async throws(DomainError) -> PodRecord?

    /// Changes as they happen, beginning with a snapshot. The stream goes on through failures of the engine (a new snapshot follows);
    /// it ends when its task is cancelled.
    func events() -> AsyncStream<EngineEvent>

    /// Ends what is left of a pod whose unit is stopped: processes, network, mounts. Repeatable. The record stays.
    /// A pod that the engine does not know (its launch never came that far) is finished already.
    func finish(_ pod: PodID) async throws(DomainError)

    /// Removes the record of a finished pod. One that is not there is removed already.
    func remove(_ pod: PodID) async throws(DomainError)

    /// Makes a container in a pod that is ready; state created. On an error nothing of it is left, unless the error says so;
    /// ``removeContainer(_:of:)`` is the undo after a cancellation.
    func addContainer(_ request: NewContainer) async throws(DomainError) -> Container

    /// From created only. A command that cannot be started leaves an exited container (code 128, `StartError`) and throws.
    func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container

    /// The signal, the grace, then SIGKILL; returns once the exit is recorded. Of an exited container: its record;
    /// one that does not exist is `notFound`.
    func stopContainer(_ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration) async throws(DomainError)
        -> Container

    /// Kills what runs and removes the container; also in a pod that is down. One that is not there is removed already.
    func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError)
}

/// A container to be made, everything resolved.
package struct NewContainer: Hashable, Sendable {
    package var id: ContainerID
    package var podID: PodID
    package var config: ContainerConfig
    package var image: Image
    /// Images of image mounts, by what the mount asked for.
    package var mountImages: [String: ImageID]
    /// Absolute; empty: none.
    package var logPath: String
    package var createdAt: Timestamp
    package init(
        id: ContainerID, podID: PodID, config: ContainerConfig, image: Image, mountImages: [String: ImageID] = [:],
        logPath: String, createdAt: Timestamp
    ) {
        self.id = id
        self.podID = podID
        self.config = config
        self.image = image
        self.mountImages = mountImages
        self.logPath = logPath
        self.createdAt = createdAt
    }
}

/// What the engine in use can do. What it cannot is refused by name, never ignored.
package struct EngineFeatures: Hashable, Sendable {
    /// `gantry`, `rkt`.
    package var name: String
    package var version: String
    /// Requests that this engine refuses, by the CRI field's path, such as `config.linux.security_context.namespace_options.pid: POD`.
    package var recursiveReadOnlyMounts: Bool
    package var userNamespaces: Bool
    package var stopTimeouts: Bool
    package init(
        name: String, version: String, recursiveReadOnlyMounts: Bool, userNamespaces: Bool, stopTimeouts: Bool
    ) {
        self.name = name
        self.version = version
        self.recursiveReadOnlyMounts = recursiveReadOnlyMounts
        self.userNamespaces = userNamespaces
        self.stopTimeouts = stopTimeouts
    }
}
