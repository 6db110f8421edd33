import ByteText

/// The containers of pods that run, and the truth about all of them.
///
/// Every call answers to the cancellation of its task, soon and with an error; what it had begun is for the caller to undo.
package protocol PodEngine: Sendable {
    /// What this engine can do; asked once, constant.
    var features: EngineFeatures { get async throws(DomainError) }

    /// The ways to run pods that a request can name now, the default one (the empty name) first. One that cannot be asked is said to be able to
    /// do nothing beyond the ordinary.
    var handlers: [RuntimeHandler] { get async }

    /// Every pod with its containers, exited ones included. Their configs are equal to those that were given: a repeated request is
    /// recognised by that, also after a restart.
    func inventory() async throws(DomainError) -> Inventory

    /// One pod with its containers; nil when the engine knows none. One that cannot be read is an error, `internal`.
    func record(of pod: PodID) async throws(DomainError) -> PodRecord?

    /// Changes as they happen, beginning with a snapshot. The stream goes on through failures of the engine (a new snapshot follows);
    /// it ends when its task is cancelled.
    func events() -> AsyncStream<EngineEvent>

    /// Writes down that the pod's making was given up and is about to be taken back: its record says so from now on
    /// (``PodRecord/isHalfMade``), whatever interrupts that. A pod that the engine does not know needs no such mark.
    func abandon(_ pod: PodID) async throws(DomainError)

    /// Ends what is left of a pod whose unit is stopped: processes, network, mounts. Repeatable. The record stays. With
    /// `features.wholePods` also a pod that runs, in the order: containers dead, network detached, not ready.
    /// A pod that the engine does not know (its launch never came that far) is finished already.
    ///
    /// - Returns: the record as it is then, from an engine that tells it.
    @discardableResult
    func finish(_ pod: PodID) async throws(DomainError) -> PodRecord?

    /// Removes the record of a finished pod; with `features.wholePods` its containers' too. One that is not there is removed already.
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

    /// Has the log of a running container go on in a file of its name, made anew where the old one was moved away: no byte is lost or
    /// doubled, and after an error logging goes on as before. `failedPrecondition` of one that does not run, `unimplemented` of an engine that cannot.
    func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError)

    /// Writes the processes of a running container, and what it has changed of its image, into an archive at an absolute path, root's alone, in the
    /// place of a file that is there; it goes on running. Whole or not at all. `failedPrecondition` of one in another state, and where the runtime of its
    /// pod cannot; `deadlineExceeded`; `unimplemented` of an engine that cannot.
    ///
    /// - Parameter timeout: nil: two minutes.
    func checkpoint(_ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?) async throws(DomainError)

    /// What the image is called that the container of a checkpoint was made of, the surest name first.
    func images(ofCheckpoint archive: String) async throws(DomainError) -> [String]

    /// Gives a container that is created or runs other limits; what is zero or empty stays as it is. All of them or none: after an error
    /// everything is as it was. They last as long as the container, whatever becomes of the daemon and the engine.
    /// `invalidArgument`, naming the field (`linux.memory_limit_in_bytes`), for what this host or this container cannot have;
    /// `failedPrecondition` of one in another state, `unimplemented` of an engine that cannot.
    ///
    /// - Returns: the container with what is in force then.
    func updateResources(_ resources: LinuxResources, of id: ContainerID, in pod: PodID) async throws(DomainError)
        -> Container
}

/// What the engine has at one instant.
package struct Inventory: Hashable, Sendable {
    /// A pod that the engine has and that cannot be told of.
    package enum Other: Hashable, Sendable {
        /// Its id begins like this.
        case pod(idPrefix: String)
        /// It may be any.
        case anyPod
    }

    package var records: [PodRecord]
    /// What there is besides: pods whose record cannot be read, and pods of somebody else. They exist, so nothing of them is cleaned up.
    package var others: [Other]

    package init(records: [PodRecord], others: [Other] = []) {
        self.records = records
        self.others = others
    }

    /// True of a pod that is not among the records and may be there all the same.
    package func mayHold(_ id: PodID) -> Bool {
        others.contains { other in
            switch other {
            case .pod(let prefix): id.rawValue.begins(with: prefix)
            case .anyPod: true
            }
        }
    }
}

/// A container to be made, everything resolved.
package struct NewContainer: Hashable, Sendable {
    package var id: ContainerID
    package var podID: PodID
    package var config: ContainerConfig
    package var image: Image
    /// Images of image mounts, by what the mount asked for.
    package var mountImages: [ByteString: ImageID]
    /// Absolute; empty: none.
    package var logPath: String
    package var createdAt: Timestamp
    /// The archive of the checkpoint that it goes on from; empty: it begins anew.
    package var checkpoint: String
    package init(
        id: ContainerID, podID: PodID, config: ContainerConfig, image: Image, mountImages: [ByteString: ImageID] = [:],
        logPath: String, createdAt: Timestamp, checkpoint: String = ""
    ) {
        self.checkpoint = checkpoint
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
    /// Whether a container may ask for exactly the groups that it names.
    package var strictGroups: Bool
    /// Whether it ends a pod that runs, and removes one with its containers, in one call each.
    package var wholePods: Bool
    /// Whether a mount may have options of its own.
    package var mountOptions: Bool
    package init(
        name: String, version: String, recursiveReadOnlyMounts: Bool, userNamespaces: Bool, stopTimeouts: Bool,
        strictGroups: Bool = true, wholePods: Bool = false, mountOptions: Bool = false
    ) {
        self.wholePods = wholePods
        self.mountOptions = mountOptions
        self.strictGroups = strictGroups
        self.name = name
        self.version = version
        self.recursiveReadOnlyMounts = recursiveReadOnlyMounts
        self.userNamespaces = userNamespaces
        self.stopTimeouts = stopTimeouts
    }
}
