/// The name a container has in its pod; two containers never share it.
package struct ContainerName: Hashable, Sendable {
    package let pod: PodID
    package let metadata: ContainerMetadata
    package init(pod: PodID, metadata: ContainerMetadata) {
        self.pod = pod
        self.metadata = metadata
    }
}

/// The values of the index. Every change goes through ``setPod(_:_:)`` and ``setContainer(_:_:)``, which keep the secondary
/// indices, the ready-made lists and the events true.
struct IndexState {
    /// Why an entry is kept whatever the engine says.
    enum Hold {
        /// A use-case makes it just now; clients do not see it yet.
        case making
        /// It could not be undone; clients see it, so that they remove it.
        case leftover
    }

    struct PodEntry {
        var pod: PodSandbox
        var hold: Hold?
        /// The version at which clients could first see it.
        var visibleSince: UInt64 = 0
        /// How many stops are at work on it: it takes no new containers.
        var stops = 0

        var visible: PodSandbox? {
            hold != .making && (pod.state == .ready || pod.state == .notReady) ? pod : nil
        }
    }

    struct ContainerEntry {
        var container: Container
        var hold: Hold?
        var visibleSince: UInt64 = 0

        var visible: Container? {
            hold != .making && container.state != .creating && container.state != .removed ? container : nil
        }
        var name: ContainerName { ContainerName(pod: container.podID, metadata: container.config.metadata) }
    }

    struct Happening {
        var objectID: String
        var kind: ContainerEvent.Kind
        var at: Timestamp?
        var podID: PodID
        /// As it was when this happened; of a removal, as it was last.
        var pod: PodSandbox?
    }

    private(set) var pods: [PodID: PodEntry] = [:]
    private(set) var containers: [ContainerID: ContainerEntry] = [:]
    private(set) var containersByPod: [PodID: Set<ContainerID>] = [:]
    /// Usually one; the first is the owner of the name.
    private(set) var podNames: [PodSandboxMetadata: [PodID]] = [:]
    private(set) var containerNames: [ContainerName: [ContainerID]] = [:]
    /// Rises with every change that clients can see.
    private(set) var version: UInt64 = 0
    var removedPods = Tombstones<PodID>(capacity: 2048)
    var removedContainers = Tombstones<ContainerID>(capacity: 4096)
    /// What happened since the events were last taken.
    var happenings: [Happening] = []

    private var podList: [PodSandbox]?
    private var containerList: [Container]?

    /// Writes, or with nil removes, a pod.
    mutating func setPod(_ id: PodID, _ new: PodEntry?) {
        let old = pods[id]
        var new = new
        let (before, after) = (old?.visible, new?.visible)
        if before != after {
            version += 1
            podList = nil
            if before == nil { new?.visibleSince = version }
            happenings += Transition.kinds(from: before, to: after).map { kind in
                Happening(
                    objectID: id.rawValue, kind: kind, at: kind == .created ? after?.createdAt : nil, podID: id,
                    pod: after ?? before)
            }
        }
        pods[id] = new
        if old == nil, let new { podNames[new.pod.config.metadata, default: []].append(id) }
        if let old, new == nil {
            podNames.removeMember(id, of: old.pod.config.metadata)
            removedPods.insert(id)
        }
    }

    /// Writes, or with nil removes, a container.
    mutating func setContainer(_ id: ContainerID, _ new: ContainerEntry?) {
        let old = containers[id]
        var new = new
        let (before, after) = (old?.visible, new?.visible)
        if before != after {
            version += 1
            containerList = nil
            if before == nil { new?.visibleSince = version }
            guard let podID = (new ?? old)?.container.podID else { return }
            happenings += Transition.kinds(from: before, to: after).map { kind in
                let at: Timestamp? =
                    switch kind {
                    case .created: after?.createdAt
                    case .started: after?.startedAt
                    case .stopped: after?.exit?.finishedAt
                    case .deleted: nil
                    }
                return Happening(
                    objectID: id.rawValue, kind: kind, at: at == .never ? nil : at, podID: podID,
                    pod: pods[podID]?.visible)
            }
        }
        containers[id] = new
        if old == nil, let new {
            containersByPod[new.container.podID, default: []].insert(id)
            containerNames[new.name, default: []].append(id)
        }
        if let old, new == nil {
            containersByPod[old.container.podID]?.remove(id)
            if containersByPod[old.container.podID]?.isEmpty == true { containersByPod[old.container.podID] = nil }
            containerNames.removeMember(id, of: old.name)
            removedContainers.insert(id)
        }
    }

    /// All pods that clients see; made once after each change.
    mutating func visiblePods() -> [PodSandbox] {
        if let podList { return podList }
        let list = pods.values.compactMap(\.visible)
        podList = list
        return list
    }

    /// All containers that clients see; made once after each change.
    mutating func visibleContainers() -> [Container] {
        if let containerList { return containerList }
        let list = containers.values.compactMap(\.visible)
        containerList = list
        return list
    }

    func visibleContainers(of pod: PodID) -> [Container] {
        (containersByPod[pod] ?? []).compactMap { containers[$0]?.visible }
    }
}

extension Dictionary {
    /// Takes one member out of a list, and the list with its last member.
    fileprivate mutating func removeMember<Member: Equatable>(_ member: Member, of key: Key) where Value == [Member] {
        self[key]?.removeAll { $0 == member }
        if self[key]?.isEmpty == true { self[key] = nil }
    }
}
