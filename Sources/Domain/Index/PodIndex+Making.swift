import ByteText

// What use-cases write while they make, stop and remove pods and containers.

/// What came of reserving a name.
package enum Reservation<Object: Sendable>: Sendable {
    /// The name is this call's.
    case made
    /// The name belongs to this object, which is whole.
    case taken(Object)
    /// The name belongs to this object, which is being made or could not be undone.
    case stuck(Object)
}

extension PodIndex {
    /// Takes a pod's metadata for a pod that is about to be made. Nobody sees it before ``publish(_:)-(PodSandbox)``.
    package func reserve(_ pod: PodSandbox) -> Reservation<PodSandbox> {
        change { state in
            if let owner = state.podNames[pod.config.metadata]?.first, let entry = state.pods[owner] {
                return entry.hold == nil ? .taken(entry.pod) : .stuck(entry.pod)
            }
            state.setPod(pod.id, IndexState.PodEntry(pod: pod, hold: .making))
            return .made
        }
    }

    /// Another pod than this whose unit has this name.
    package func other(than id: PodID, withUnit unit: String) -> PodID? {
        read { state in state.pods.first { $0.key != id && $0.value.pod.unit.isSame(as: unit) }?.key }
    }

    /// Hides a pod that a daemon which ended was making: it is about to be undone, whatever the engine tells of it meanwhile.
    package func hold(halfMade id: PodID) {
        change { state in
            guard var entry = state.pods[id] else { return }
            entry.hold = .making
            state.setPod(id, entry)
        }
    }

    /// Shows a reserved pod to clients.
    ///
    /// - Returns: false when it is not ready by what is known of it now: then it stays reserved and must be undone.
    package func publish(_ pod: PodSandbox) -> Bool {
        change { state in
            guard var entry = state.pods[pod.id], entry.hold == .making else { return false }
            entry.pod = entry.pod.learning(pod)
            let ready = entry.pod.state == .ready
            if ready { entry.hold = nil }
            state.setPod(pod.id, entry)
            return ready
        }
    }

    /// Shows a reserved pod to clients once the engine's events have called it ready.
    ///
    /// - Returns: false when they have not, or not yet: then the engine is to be asked.
    package func publishWhatWasHeard(of id: PodID) -> Bool {
        change { state in
            guard var entry = state.pods[id], entry.hold == .making, entry.pod.state == .ready else { return false }
            entry.hold = nil
            state.setPod(id, entry)
            return true
        }
    }

    /// Forgets a pod, its name and its containers. What others are making in it is theirs to give up.
    package func remove(_ id: PodID) {
        change { $0.removePod(id) }
    }

    /// A pod that could not be undone: visible, not ready, and in possession of its name until it is removed.
    package func keepLeftover(_ id: PodID, message: String) {
        change { state in
            guard var entry = state.pods[id] else { return }
            entry.hold = .leftover
            entry.pod.state = .notReady
            entry.pod.networkAttached = true
            entry.pod.message = message
            state.setPod(id, entry)
        }
    }

    /// Whether it could not be undone, and nobody has stopped it since.
    package func isLeftover(_ id: PodID) -> Bool { read { $0.pods[id]?.hold == .leftover } }

    /// True when a stop has nothing left to do.
    package func isStopped(_ id: PodID) -> Bool {
        read { state in
            guard let entry = state.pods[id] else { return true }
            return entry.hold == nil && entry.pod.state == .notReady && !entry.pod.networkAttached
                && state.visibleContainers(of: id).allSatisfy { $0.state == .exited }
        }
    }

    /// From now on the pod takes no new containers; ``endStop(_:)`` must follow.
    package func beginStop(_ id: PodID) { change { $0.pods[id] != nil ? $0.countStops(id, 1) : () } }

    package func endStop(_ id: PodID) { change { $0.pods[id] != nil ? $0.countStops(id, -1) : () } }

    /// The unit is stopped and the network detached.
    package func markStopped(_ id: PodID) {
        change { state in
            guard var entry = state.pods[id], entry.hold != .making else { return }
            entry.hold = nil
            if entry.pod.state.mayBecome(.notReady) { entry.pod.state = .notReady }
            entry.pod.networkAttached = false
            entry.pod.pid = 0
            state.setPod(id, entry)
        }
    }

    /// The pod, when it may be given a container or a start now.
    package func podForWork(_ id: PodID) throws(DomainError) -> PodSandbox {
        let entry = read { state in state.pods[id].flatMap { $0.visible == nil ? nil : $0 } }
        guard let entry else { throw DomainError(.notFound, "pod \(id) does not exist") }
        guard entry.pod.state == .ready else {
            let why = entry.pod.message.isEmpty ? "" : " (\(entry.pod.message))"
            throw DomainError(
                .failedPrecondition, "pod \(id) is \(entry.pod.state.rawValue)\(why); run a new pod sandbox instead")
        }
        guard entry.stops == 0 else {
            throw DomainError(.failedPrecondition, "pod \(id) is being stopped; run a new pod sandbox instead")
        }
        return entry.pod
    }
}

extension PodIndex {
    /// Takes a container's name in its pod. Nobody sees it before ``publish(_:)-(Container)``.
    package func reserve(_ container: Container) -> Reservation<Container> {
        change { state in
            let name = ContainerName(pod: container.podID, metadata: container.config.metadata)
            if let owner = state.containerNames[name]?.first, let entry = state.containers[owner] {
                return entry.hold == nil ? .taken(entry.container) : .stuck(entry.container)
            }
            state.setContainer(container.id, IndexState.ContainerEntry(container: container, hold: .making))
            return .made
        }
    }

    /// Shows a reserved container to clients.
    ///
    /// - Returns: false when its pod went away or is being stopped: then it stays reserved and must be undone.
    package func publish(_ container: Container) -> Bool {
        change { state in
            guard var entry = state.containers[container.id], entry.hold == .making,
                let pod = state.pods[container.podID], pod.visible?.state == .ready, pod.stops == 0
            else { return false }
            entry.container = entry.container.learning(container)
            entry.hold = nil
            state.setContainer(container.id, entry)
            return true
        }
    }

    /// Forgets a container and its name.
    package func remove(_ id: ContainerID) {
        change { state in
            state.setContainer(id, nil)
            state.removedContainers.insert(id)
        }
    }

    /// A container that could not be undone: visible as unknown, and in possession of its name until it is removed.
    package func keepLeftover(_ id: ContainerID) {
        change { state in
            guard var entry = state.containers[id] else { return }
            entry.hold = .leftover
            if entry.container.state.mayBecome(.unknown) { entry.container.state = .unknown }
            state.setContainer(id, entry)
        }
    }
}

extension PodIndex {
    /// Whether it could not be undone.
    package func isLeftover(_ id: ContainerID) -> Bool { read { $0.containers[id]?.hold == .leftover } }
}

extension IndexState {
    mutating func countStops(_ id: PodID, _ step: Int) {
        guard var entry = pods[id] else { return }
        entry.stops += step
        setPod(id, entry)
    }

    mutating func removePod(_ id: PodID) {
        for container in containersByPod[id] ?? [] where containers[container]?.hold != .making {
            setContainer(container, nil)
        }
        setPod(id, nil)
        removedPods.insert(id)
    }
}
