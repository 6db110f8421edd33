/// The state of a pod. It moves one way: preparing → running → deleting → exited; any step may be left out.
package enum PodState: String, Sendable, CaseIterable {
    case preparing, running, deleting, exited

    var order: Int {
        switch self {
        case .preparing: 0
        case .running: 1
        case .deleting: 2
        case .exited: 3
        }
    }
}

/// What is known of a pod: the *Pod record* of `docs/engine.md`, and what `state.json` holds.
package struct PodRecord: Equatable, Sendable {
    /// One attached network, in rkt's words.
    package struct Network: Equatable, Sendable {
        package var netName: String
        package var ifName: String
        package var ips: [String]
        /// Dotted, of the first address where that is IPv4; else empty.
        package var mask: String

        package init(netName: String, ifName: String, ips: [String], mask: String) {
            self.netName = netName
            self.ifName = ifName
            self.ips = ips
            self.mask = mask
        }
    }

    package enum Attachment: String, Sendable, CaseIterable {
        case attached, detached, failed
    }

    package struct NetworkStatus: Equatable, Sendable {
        package var mode: PodConfig.NetworkMode = .none
        /// Nil before the network was touched.
        package var state: Attachment?
        /// Why the attach or the detach failed.
        package var error = ""

        package init() {}
    }

    package let uuid: PodUUID
    package private(set) var state: PodState
    package var unit = ""
    /// Of the supervisor; nil once it is known to be gone.
    package var pid: Int32?
    /// Of the unit, as /proc/self/cgroup shows it.
    package var cgroup = ""
    /// Directories made below each hierarchy (hierarchy's mount point → paths), which the clean-up removes. Stored, not printed.
    package var cgroupPaths: [String: [String]] = [:]
    package var bootID = ""
    /// Nanoseconds since the epoch, as all times.
    package let createdAt: Int64
    package var startedAt: Int64?
    package var finishedAt: Int64?
    package var networks: [Network] = []
    package var network = NetworkStatus()
    /// Path of the pod's network namespace; empty with the host's.
    package var netns = ""
    /// Why the pod failed, or ended by itself.
    package var error = ""
    /// Of the failure, as errors have it; empty without one.
    package var errorCode = ""
    package var annotations: [String: String] = [:]
    package var userAnnotations: [String: String] = [:]
    package var userLabels: [String: String] = [:]
    /// By name. Not part of `state.json`.
    package var apps: [AppRecord] = []
    /// Whether its making was given up, which a file of its own says. Not part of `state.json`.
    package var isAbandoned = false
    /// Whether it is what else is on disk that says all this: see `RebuiltRecord`.
    var isRebuilt = false

    /// A new pod: state preparing.
    package init(uuid: PodUUID, createdAt: Int64, bootID: String) {
        self.uuid = uuid
        self.createdAt = createdAt
        self.bootID = bootID
        state = .preparing
    }

    /// Whether its making never came to its end, or is being taken back: whoever drives the engine does not keep it. What cannot be read is
    /// never taken for that, nor what has apps.
    package var isHalfMade: Bool { isAbandoned || (startedAt == nil && apps.isEmpty && !isRebuilt) }

    /// Every address of every network.
    package var ips: [String] { networks.flatMap(\.ips) }

    /// Moves the pod on; a step back is refused, the same state again is not.
    package mutating func advance(to next: PodState) throws(EngineError) {
        guard next.order >= state.order else {
            throw EngineError(
                .precondition, "pod \(uuid): is \(state.rawValue) and cannot become \(next.rawValue) again")
        }
        state = next
    }

    /// What can be said of a pod whose supervisor is gone, whatever it wrote last.
    package func withoutSupervisor() -> PodRecord {
        var record = self
        record.state = .exited
        record.pid = nil
        record.apps = apps.map { $0.withoutSupervisor() }
        return record
    }
}

extension PodRecord {
    init(stored uuid: PodUUID, state: PodState, createdAt: Int64) {
        self.uuid = uuid
        self.state = state
        self.createdAt = createdAt
    }
}

extension PodRecord {
    /// As that of an app's.
    var weight: Int { AppRecord.weight([annotations, userAnnotations, userLabels]) }
}
