// How the engine's word reaches the index.

extension PodIndex {
    /// A point in the index's history, taken before the engine is asked for its inventory.
    package struct Mark: Sendable {
        fileprivate let version: UInt64
    }

    package func mark() -> Mark { Mark(version: version) }

    /// Applies one change that the engine told of. It may be late or doubled.
    ///
    /// - Returns: true when the event leaves doubt about objects that only the inventory can settle: things that a snapshot does not
    ///   hold may have been made after it was taken.
    @discardableResult
    package func apply(_ event: EngineEvent) -> Bool {
        change { state in
            switch event {
            case .snapshot(let records):
                for record in records { state.learn(record) }
                return state.hasMore(than: records)
            case .pod(let pod): state.learn(pod)
            case .container(let container): state.learn(container)
            case .podRemoved(let id):
                // What a use-case makes or could not undo is gone when that use-case says so.
                if state.pods[id] == nil { state.removedPods.insert(id) }
                if state.pods[id]?.hold == nil { state.removePod(id) }
            case .containerRemoved(let id):
                if state.containers[id] == nil { state.removedContainers.insert(id) }
                if state.containers[id]?.hold == nil { state.setContainer(id, nil) }
            case .images: break
            }
            return false
        }
    }

    /// The ready ones of these pods that nobody stops: should they not be ready any more, they have ended by themselves.
    package func living(among ids: [PodID]) -> Set<PodID> {
        read { state in
            Set(ids.filter { id in state.pods[id].map { $0.visible?.state == .ready && $0.stops == 0 } ?? false })
        }
    }

    /// Learns one container as the engine returned it from an operation.
    package func learn(_ container: Container) {
        change { $0.learn(container) }
    }

    /// Makes the index equal to an inventory that was asked for after `mark` was taken: what it holds is learned, and what it lacks
    /// is removed unless it came to be after the mark, a use-case has it in hand, or the engine has it and cannot tell of it.
    package func reconcile(_ inventory: Inventory, since mark: Mark) {
        change { state in
            for record in inventory.records { state.learn(record) }
            let podIDs = Set(inventory.records.map(\.pod.id))
            for (id, entry) in state.pods
            where !podIDs.contains(id) && entry.hold == nil && entry.visibleSince <= mark.version
                && !inventory.mayHold(id)
            {
                state.removePod(id)
            }
            let containerIDs = Set(inventory.records.flatMap { $0.containers.map(\.id) })
            for (id, entry) in state.containers
            where !containerIDs.contains(id) && entry.hold == nil && entry.visibleSince <= mark.version
                && (podIDs.contains(entry.container.podID) || !inventory.mayHold(entry.container.podID))
            {
                state.setContainer(id, nil)
            }
        }
    }

    /// Those of the pods that nobody answers for: nobody makes them, no client sees them, and the engine's word of them was not learned,
    /// because they were removed already.
    ///
    /// - Parameter pods: what was found on the node, before this call.
    package func orphans(among pods: [PodID]) -> [PodID] {
        read { state in pods.filter { state.pods[$0] == nil } }
    }

    /// Has a pod that nobody answers for stay unknown, whatever the engine still tells of it: it is to be removed.
    /// - Returns: false when somebody answers for it by now.
    package func disown(_ id: PodID) -> Bool {
        change { state in
            guard state.pods[id] == nil else { return false }
            state.removedPods.insert(id)
            return true
        }
    }

    /// The same for one pod: `record` is what the engine answered after `mark` was taken, nil when it knows no such pod.
    package func reconcile(_ id: PodID, _ record: PodRecord?, since mark: Mark) {
        change { state in
            guard let record else {
                if let entry = state.pods[id], entry.hold == nil, entry.visibleSince <= mark.version {
                    state.removePod(id)
                }
                return
            }
            state.learn(record)
            let known = Set(record.containers.map(\.id))
            for container in state.containersByPod[id] ?? [] where !known.contains(container) {
                guard let entry = state.containers[container], entry.hold == nil, entry.visibleSince <= mark.version
                else { continue }
                state.setContainer(container, nil)
            }
        }
    }
}

extension IndexState {
    mutating func learn(_ record: PodRecord) {
        learn(record.pod)
        for container in record.containers { learn(container) }
    }

    mutating func learn(_ news: PodSandbox) {
        guard news.state != .removed, !removedPods.contains(news.id) else { return }
        guard var entry = pods[news.id] else {
            setPod(news.id, PodEntry(pod: news))
            return
        }
        // A left-over stays as it is until somebody stops or removes it: the engine may know less of it than we do.
        if entry.hold == .leftover { return }
        entry.pod = entry.pod.learning(news)
        setPod(news.id, entry)
    }

    mutating func learn(_ news: Container) {
        guard news.state != .removed, !removedContainers.contains(news.id), !removedPods.contains(news.podID) else {
            return
        }
        guard var entry = containers[news.id] else {
            setContainer(news.id, ContainerEntry(container: news.asFirstHeard))
            return
        }
        entry.container = entry.container.learning(news)
        setContainer(news.id, entry)
    }

    /// True when something is known, and nobody's work in hand, that the records lack.
    func hasMore(than records: [PodRecord]) -> Bool {
        let podIDs = Set(records.map(\.pod.id))
        let containerIDs = Set(records.flatMap { $0.containers.map(\.id) })
        return pods.contains { $0.value.hold == nil && !podIDs.contains($0.key) }
            || containers.contains { $0.value.hold == nil && !containerIDs.contains($0.key) }
    }
}
