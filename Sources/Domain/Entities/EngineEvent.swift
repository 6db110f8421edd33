/// What the engine tells of its pods, in order, each after the state is durable.
package enum EngineEvent: Hashable, Sendable {
    /// All there is: what is not in it does not exist. Comes first, and again whenever deltas were lost.
    case snapshot([PodRecord])
    /// A pod was made or changed; its containers come as events of their own.
    case pod(PodSandbox)
    case podRemoved(PodID)
    case container(Container)
    case containerRemoved(ContainerID)
    /// The set of images changed.
    case images
}

/// A pod with its containers, as the engine's inventory holds them.
package struct PodRecord: Hashable, Sendable {
    package var pod: PodSandbox
    package var containers: [Container]
    /// Its making never came to its end, or was given up: nobody was told of it, so nobody will remove it.
    package var isHalfMade: Bool
    package init(pod: PodSandbox, containers: [Container], isHalfMade: Bool = false) {
        self.pod = pod
        self.containers = containers
        self.isHalfMade = isHalfMade
    }
}

/// What happened to a container or a pod, for subscribers (CRI `ContainerEventResponse`).
package struct ContainerEvent: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable { case created, started, stopped, deleted }
    /// The container's id, or the pod's for an event of the pod itself.
    package var objectID: String { content.objectID }
    package var kind: Kind { content.kind }
    package var at: Timestamp { content.at }
    package var pod: PodSandbox? { content.pod }
    package var containers: [Container] { content.containers }
    private let shared: Shared

    package init(objectID: String, kind: Kind, at: Timestamp, pod: PodSandbox?, containers: [Container]) {
        shared = .once(Content(objectID: objectID, kind: kind, at: at, pod: pod, containers: containers))
    }

    /// In memory once: each of two thousand subscribers may have a thousand events before it.
    private indirect enum Shared: Hashable, Sendable { case once(Content) }

    private struct Content: Hashable, Sendable {
        let objectID: String
        let kind: Kind
        let at: Timestamp
        let pod: PodSandbox?
        let containers: [Container]
    }

    private var content: Content {
        switch shared {
        case .once(let content): content
        }
    }
}
