/// A pod as the daemon knows it.
package struct PodSandbox: Hashable, Sendable {
    package let id: PodID
    package let config: PodSandboxConfig
    package var state: PodSandboxState
    package var createdAt: Timestamp
    /// First is the pod's address; empty until attached, and for pods on the host's network the host's.
    package var ips: [String]
    /// The network is (or may still be) attached: a stop has work left.
    package var networkAttached: Bool
    /// The systemd unit that is the pod.
    package var unit: String
    /// The pinned network namespace, empty with the host's network.
    package var networkNamespace: String
    /// The unit's cgroup below the root of the hierarchy, empty when unknown.
    package var cgroup: String
    /// The supervisor's process id, 0 when there is none.
    package var pid: Int32
    /// Why the pod is not ready, when it is known.
    package var message: String
    /// Its containers have one PID namespace together though its config asks for one each: the engine has no other, and the operator grants it.
    package var sharesPIDNamespace: Bool

    package init(
        id: PodID, config: PodSandboxConfig, state: PodSandboxState, createdAt: Timestamp, ips: [String] = [],
        networkAttached: Bool = false, unit: String, networkNamespace: String = "", cgroup: String = "", pid: Int32 = 0,
        message: String = "", sharesPIDNamespace: Bool = false
    ) {
        self.id = id
        self.config = config
        self.state = state
        self.createdAt = createdAt
        self.ips = ips
        self.networkAttached = networkAttached
        self.unit = unit
        self.networkNamespace = networkNamespace
        self.cgroup = cgroup
        self.pid = pid
        self.message = message
        self.sharesPIDNamespace = sharesPIDNamespace
    }
}

extension PodSandbox {
    /// What it has, where that is not what its config asks for.
    package var namespaces: NamespaceOptions {
        var namespaces = config.namespaces
        if sharesPIDNamespace { namespaces.pid = .pod }
        return namespaces
    }
}

/// States move one way: creating → ready → notReady → removed. Clients see ready and notReady.
package enum PodSandboxState: String, Sendable, CaseIterable {
    case creating, ready, notReady, removed

    /// True when a pod in this state may next be in `next` (or stays).
    package func mayBecome(_ next: PodSandboxState) -> Bool { next.rank >= rank }

    private var rank: Int {
        switch self {
        case .creating: 0
        case .ready: 1
        case .notReady: 2
        case .removed: 3
        }
    }
}

/// Which pods a list is about; fields are ANDed, an empty filter matches all (CRI `PodSandboxFilter`).
package struct PodSandboxFilter: Hashable, Sendable {
    package var id: String = ""
    package var state: PodSandboxState? = nil
    package var labels: [String: String] = [:]
    package init() {}
}
