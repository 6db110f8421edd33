import ByteText

/// A container as the daemon knows it.
package struct Container: Hashable, Sendable {
    package let id: ContainerID
    package let podID: PodID
    package let config: ContainerConfig
    /// The image that was resolved at creation and is held since.
    package let imageID: ImageID
    /// Those of its image mounts, by what the mount asked for.
    package let mountImages: [ByteString: ImageID]
    /// Absolute; empty: no log.
    package let logPath: String
    package var state: ContainerState
    package var createdAt: Timestamp
    package var startedAt: Timestamp
    /// Present exactly when the state is `exited`; written once.
    package var exit: ContainerExit?
    /// The main process on the host, 0 when there is none.
    package var pid: Int32
    /// As resolved in the image, nil while unknown.
    package var user: ContainerUser?
    /// The signal a stop begins with.
    package var stopSignal: Signal
    package var cgroup: String
    /// What is in force: what was asked for at creation, with the changes since; nil: nothing was ever asked for.
    package var resources: LinuxResources?
    /// Counts the changes of `resources`.
    package var resourcesGeneration: Int64
    /// Where it writes, on the host; empty when unknown.
    package var writableLayer: String

    /// - Parameter resources: nil: those of the config.
    package init(
        id: ContainerID, podID: PodID, config: ContainerConfig, imageID: ImageID,
        mountImages: [ByteString: ImageID] = [:], logPath: String,
        state: ContainerState = .created, createdAt: Timestamp, startedAt: Timestamp = .never,
        exit: ContainerExit? = nil,
        pid: Int32 = 0, user: ContainerUser? = nil, stopSignal: Signal = .term, cgroup: String = "",
        resources: LinuxResources? = nil, resourcesGeneration: Int64 = 0,
        writableLayer: String = ""
    ) {
        self.id = id
        self.podID = podID
        self.config = config
        self.imageID = imageID
        self.mountImages = mountImages
        self.logPath = logPath
        self.state = state
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.exit = exit
        self.pid = pid
        self.user = user
        self.stopSignal = stopSignal
        self.cgroup = cgroup
        self.resources = resources ?? config.resources
        self.resourcesGeneration = resourcesGeneration
        self.writableLayer = writableLayer
    }
}

extension Container {
    /// What it has mounted, its images by what they were found to be.
    package var mounts: [Mount] {
        config.mounts.map { mount in
            guard let spec = mount.image, let id = mountImages[text: spec.image] else { return mount }
            var mount = mount
            mount.image?.imageRef = id.rawValue
            return mount
        }
    }
}

/// States move one way: creating → created → running → exited → removed; `unknown` leads to exited or removed only.
package enum ContainerState: String, Sendable, CaseIterable {
    case creating, created, running, exited, unknown, removed

    /// True when a container in this state may next be in `next` (or stays).
    package func mayBecome(_ next: ContainerState) -> Bool {
        if self == next { return true }
        return switch self {
        case .creating: true
        case .created: next == .running || next == .exited || next == .unknown || next == .removed
        case .running: next == .exited || next == .unknown || next == .removed
        case .unknown: next == .exited || next == .removed
        case .exited: next == .removed
        case .removed: false
        }
    }
}

/// How a container ended. Exit code 0 is never invented.
package struct ContainerExit: Hashable, Sendable {
    package var finishedAt: Timestamp
    /// The process's own code, or 128 + the signal's number.
    package var code: Int32
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, …
    package var reason: String
    package var message: String
    package init(finishedAt: Timestamp, code: Int32, reason: String, message: String = "") {
        self.finishedAt = finishedAt
        self.code = code
        self.reason = reason
        self.message = message
    }
}

package struct ContainerUser: Hashable, Sendable {
    package var uid: Int64
    package var gid: Int64
    package var supplementalGroups: [Int64]
    package init(uid: Int64, gid: Int64, supplementalGroups: [Int64]) {
        self.uid = uid
        self.gid = gid
        self.supplementalGroups = supplementalGroups
    }
}

/// Which containers a list is about; fields are ANDed, an empty filter matches all (CRI `ContainerFilter`).
package struct ContainerFilter: Hashable, Sendable {
    package var id: String = ""
    package var podID: String = ""
    package var state: ContainerState? = nil
    package var labels: [String: String] = [:]
    package init() {}
}
