import Domain
import Synchronization

/// An engine in memory: records, and events of every change in order.
package final class FakeEngine: PodEngine {
    private struct State {
        var records: [PodID: PodRecord] = [:]
        var log: [EngineEvent] = []
        var subscribers: [Int: AsyncStream<EngineEvent>.Continuation] = [:]
        var nextSubscriber = 0
        var nextAddress = 2
        var abilities = EngineFeatures(
            name: "fake", version: "1.0.0", recursiveReadOnlyMounts: true, userNamespaces: true, stopTimeouts: true,
            mountOptions: true)
        /// Commands that cannot be started.
        var unstartable: Set<String> = ["/does/not/exist"]

        /// Whose logs were reopened, in order.
        var reopened: [ContainerID] = []
        /// What was checkpointed, and where to, in order.
        var checkpointed: [String] = []
        /// The names of images of archives.
        var checkpoints: [String: [String]] = [:]
        /// The archives that containers were made of, in order.
        var restored: [String] = []
        var silent = false
        /// Pods whose records say nothing that can be understood.
        var unreadable: Set<PodID> = []

        mutating func tell(_ event: EngineEvent) {
            if silent { return }
            log.append(event)
            for subscriber in subscribers.values { subscriber.yield(event) }
        }

        var snapshot: [PodRecord] { records.values.sorted { $0.pod.id.rawValue < $1.pod.id.rawValue } }
    }

    private let state = Mutex(State())
    private let clock: any WallClock
    private let failpoints: Failpoints

    package init(clock: any WallClock = FakeWallClock(), failpoints: Failpoints = Failpoints()) {
        self.clock = clock
        self.failpoints = failpoints
    }

    /// The events that a reader who comes later would be told.
    package func forgetEvents() { state.withLock { $0.log = [] } }

    // MARK: The port

    package var features: EngineFeatures {
        get async throws(DomainError) {
            try await failpoints.enter(.engineFeatures)
            return state.withLock { $0.abilities }
        }
    }

    package var handlers: [RuntimeHandler] {
        get async {
            let abilities = state.withLock { $0.abilities }
            let usual = ["", "default"].map { name in
                RuntimeHandler(
                    name: name, recursiveReadOnlyMounts: abilities.recursiveReadOnlyMounts,
                    userNamespaces: abilities.userNamespaces)
            }
            return usual + [RuntimeHandler(name: "plain", recursiveReadOnlyMounts: false, userNamespaces: false)]
        }
    }

    package func inventory() async throws(DomainError) -> Inventory {
        try await failpoints.enter(.engineInventory)
        let inventory = state.withLock { state in
            Inventory(
                records: state.snapshot.filter { !state.unreadable.contains($0.pod.id) },
                others: state.unreadable.map { .pod(idPrefix: String($0.rawValue.prefix(32))) })
        }
        try await failpoints.leave(.engineInventory)
        return inventory
    }

    package func record(of pod: PodID) async throws(DomainError) -> PodRecord? {
        try await failpoints.enter(.engineRecord)
        let (record, isReadable) = state.withLock { ($0.records[pod], !$0.unreadable.contains(pod)) }
        try await failpoints.leave(.engineRecord)
        guard isReadable else { throw DomainError(.internal, "pod \(pod): its record cannot be read") }
        return record
    }

    package func events() -> AsyncStream<EngineEvent> {
        AsyncStream { subscriber in
            let number = state.withLock { state in
                state.nextSubscriber += 1
                subscriber.yield(.snapshot(state.snapshot))
                state.subscribers[state.nextSubscriber] = subscriber
                return state.nextSubscriber
            }
            subscriber.onTermination = { [weak self] _ in
                _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
            }
        }
    }

    package func abandon(_ pod: PodID) async throws(DomainError) {
        try await failpoints.enter(.engineAbandon)
        state.withLock { $0.records[pod]?.isHalfMade = true }
        try await failpoints.leave(.engineAbandon)
    }

    @discardableResult
    package func finish(_ pod: PodID) async throws(DomainError) -> PodRecord? {
        try await failpoints.enter(.engineFinish)
        end(pod, detach: true)
        try await failpoints.leave(.engineFinish)
        return state.withLock { $0.abilities.wholePods ? $0.records[pod] : nil }
    }

    package func remove(_ pod: PodID) async throws(DomainError) {
        try await failpoints.enter(.engineRemove)
        let refused = state.withLock { state -> Bool in
            guard let record = state.records[pod] else { return false }
            if record.pod.state == .ready || record.pod.networkAttached { return true }
            state.records[pod] = nil
            state.tell(.podRemoved(pod))
            return false
        }
        if refused { throw DomainError(.failedPrecondition, "pod \(pod) is not finished; finish it first") }
        try await failpoints.leave(.engineRemove)
    }

    package func addContainer(_ request: NewContainer) async throws(DomainError) -> Container {
        try await failpoints.enter(.engineAddContainer)
        let container = Container(
            id: request.id, podID: request.podID, config: request.config, imageID: request.image.id,
            logPath: request.logPath, createdAt: request.createdAt, cgroup: "/pod/\(request.id)",
            writableLayer: "/layers/\(request.id)")
        let added = state.withLock { state -> Bool in
            guard state.records[request.podID]?.pod.state == .ready else { return false }
            state.records[request.podID]?.containers.append(container)
            if !request.checkpoint.isEmpty { state.restored.append(request.checkpoint) }
            state.tell(.container(container))
            return true
        }
        if !added { throw DomainError(.failedPrecondition, "pod \(request.podID) does not run") }
        try await failpoints.leave(.engineAddContainer)
        return container
    }

    package func startContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) -> Container {
        try await failpoints.enter(.engineStartContainer)
        var found = ContainerState.created
        let container = try change(id, of: pod) { [clock] container, state in
            found = container.state
            guard found == .created else { return }
            if let command = container.config.command.first, state.unstartable.contains(command) {
                container.end(code: 128, reason: "StartError", at: clock.now())
            } else {
                container.state = .running
                container.startedAt = clock.now()
                container.pid = 4242
            }
        }
        guard found == .created else {
            throw DomainError(.failedPrecondition, "container \(id) is \(found.rawValue)")
        }
        try await failpoints.leave(.engineStartContainer)
        if container.exit?.reason == "StartError" {
            throw DomainError(.invalidArgument, "container \(id): its command cannot be started: no such file")
        }
        return container
    }

    package func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        try await failpoints.enter(.engineStopContainer)
        let number = grace == .zero ? Signal.kill.number : (signal ?? .term).number
        let container = try change(id, of: pod) { [clock] container, _ in
            if container.state != .exited { container.end(code: 128 + number, reason: "Error", at: clock.now()) }
        }
        try await failpoints.leave(.engineStopContainer)
        return container
    }

    package func removeContainer(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        try await failpoints.enter(.engineRemoveContainer)
        state.withLock { state in
            guard state.records[pod]?.containers.contains(where: { $0.id == id }) == true else { return }
            state.records[pod]?.containers.removeAll { $0.id == id }
            state.tell(.containerRemoved(id))
        }
        try await failpoints.leave(.engineRemoveContainer)
    }

    package func reopenLog(of id: ContainerID, in pod: PodID) async throws(DomainError) {
        try await failpoints.enter(.engineReopenLog)
        var found = ContainerState.created
        _ = try change(id, of: pod) { container, _ in found = container.state }
        guard found == .running else {
            throw DomainError(.failedPrecondition, "container \(id) is \(found.rawValue), not running")
        }
        state.withLock { $0.reopened.append(id) }
        try await failpoints.leave(.engineReopenLog)
    }

    package func checkpoint(
        _ id: ContainerID, in pod: PodID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        try await failpoints.enter(.engineCheckpoint)
        var found = ContainerState.created
        _ = try change(id, of: pod) { container, _ in found = container.state }
        guard found == .running else {
            throw DomainError(.failedPrecondition, "container \(id) is \(found.rawValue), not running")
        }
        let limit = timeout.map { " within \($0)" } ?? ""
        state.withLock { $0.checkpointed.append("\(id) to \(archive)\(limit)") }
        try await failpoints.leave(.engineCheckpoint)
    }

    package func images(ofCheckpoint archive: String) async throws(DomainError) -> [String] {
        try await failpoints.enter(.engineImagesOfCheckpoint)
        guard let names = state.withLock({ $0.checkpoints[archive] }) else {
            throw DomainError(.notFound, "checkpoint \(archive): No such file or directory")
        }
        return names
    }

    package func updateResources(
        _ resources: LinuxResources, of id: ContainerID, in pod: PodID
    ) async throws(DomainError) -> Container {
        try await failpoints.enter(.engineUpdateResources)
        var found = ContainerState.created
        let container = try change(id, of: pod) { container, _ in
            found = container.state
            guard found == .created || found == .running else { return }
            var limits = container.resources ?? LinuxResources()
            if resources.cpuShares != 0 { limits.cpuShares = resources.cpuShares }
            if resources.memoryLimit != 0 { limits.memoryLimit = resources.memoryLimit }
            container.resources = limits
            container.resourcesGeneration += 1
        }
        guard found == .created || found == .running else {
            throw DomainError(.failedPrecondition, "container \(id) is \(found.rawValue)")
        }
        try await failpoints.leave(.engineUpdateResources)
        return container
    }

    private func change(
        _ id: ContainerID, of pod: PodID, _ body: (inout Container, State) -> Void
    ) throws(DomainError) -> Container {
        let changed = state.withLock { state -> Container? in
            guard let place = state.records[pod]?.containers.firstIndex(where: { $0.id == id }),
                var container = state.records[pod]?.containers[place]
            else { return nil }
            let before = container
            body(&container, state)
            if container != before {
                state.records[pod]?.containers[place] = container
                state.tell(.container(container))
            }
            return container
        }
        guard let changed else { throw DomainError(.notFound, "the engine has no container \(id) in pod \(pod)") }
        return changed
    }
}

// MARK: The world behind the port

extension FakeEngine {
    /// Everything there is.
    package var records: [PodID: PodRecord] { state.withLock { $0.records } }

    /// Every event since the engine was made.
    package var log: [EngineEvent] { state.withLock { $0.log } }

    package var snapshot: [PodRecord] { state.withLock { $0.snapshot } }

    /// Whose logs were reopened, in order.
    package var reopened: [ContainerID] { state.withLock { $0.reopened } }

    /// What was checkpointed, and where to, in order.
    package var checkpointed: [String] { state.withLock { $0.checkpointed } }

    /// The archives that containers were made of, in order.
    package var restored: [String] { state.withLock { $0.restored } }

    /// An archive is there, of a container of one of these images.
    package func putCheckpoint(_ archive: String, of images: [String]) {
        state.withLock { $0.checkpoints[archive] = images }
    }

    /// From now on this pod's record cannot be read.
    package func spoil(_ id: PodID) { _ = state.withLock { $0.unreadable.insert(id) } }

    package func become(_ features: EngineFeatures) { state.withLock { $0.abilities = features } }

    /// Puts a record there, as an earlier daemon left it.
    package func add(_ record: PodRecord) {
        state.withLock { state in
            state.records[record.pod.id] = record
            state.tell(.pod(record.pod))
            for container in record.containers { state.tell(.container(container)) }
        }
    }

    /// Tells something that need not be true: late, doubled or from elsewhere.
    package func tell(_ event: EngineEvent) { state.withLock { $0.tell(event) } }

    /// What happens in `body` is told to nobody: lost events.
    package func withoutEvents(_ body: () async throws -> Void) async throws {
        state.withLock { $0.silent = true }
        defer { state.withLock { $0.silent = false } }
        try await body()
    }

    /// Ends every stream of events.
    package func endEvents() {
        let subscribers = state.withLock { $0.subscribers }
        for subscriber in subscribers.values { subscriber.finish() }
    }

    /// How many read the events now.
    package var readers: Int { state.withLock { $0.subscribers.count } }

    package func podBegins(_ id: PodID, config: PodSandboxConfig, unit: String) {
        let createdAt = clock.now()
        state.withLock { state in
            let pod = PodSandbox(
                id: id, config: config, state: .creating, createdAt: createdAt, networkAttached: true, unit: unit)
            state.records[id] = PodRecord(pod: pod, containers: [], isHalfMade: true)
            state.tell(.pod(pod))
        }
    }

    package func podIsReady(_ id: PodID) {
        state.withLock { state in
            guard var pod = state.records[id]?.pod, pod.state == .creating else { return }
            pod.state = .ready
            pod.pid = 100
            pod.ips = ["10.88.0.\(state.nextAddress)"]
            pod.networkNamespace = "/run/netns/\(id)"
            pod.cgroup = "/pod-\(id)"
            state.nextAddress += 1
            state.records[id]?.pod = pod
            state.records[id]?.isHalfMade = false
            state.tell(.pod(pod))
        }
    }

    /// The supervisor goes, and its containers with it; the network stays attached until ``finish(_:)``.
    package func supervisorEnds(_ id: PodID) { end(id, detach: false) }

    /// A container's main process ends by itself.
    package func exits(_ id: ContainerID, of pod: PodID, code: Int32) {
        _ = try? change(id, of: pod) { [clock] container, _ in
            guard container.state == .running else { return }
            container.end(code: code, reason: code == 0 ? "Completed" : "Error", at: clock.now())
        }
    }

    private func end(_ id: PodID, detach: Bool) {
        let at = clock.now()
        state.withLock { state in
            guard var record = state.records[id] else { return }
            for place in record.containers.indices where record.containers[place].state != .exited {
                record.containers[place].end(code: 137, reason: "Error", at: at)
                state.tell(.container(record.containers[place]))
            }
            let before = record.pod
            record.pod.state = .notReady
            record.pod.pid = 0
            if detach { record.pod.networkAttached = false }
            if record.pod != before { state.tell(.pod(record.pod)) }
            state.records[id] = record
        }
    }
}

extension Container {
    fileprivate mutating func end(code: Int32, reason: String, at: Timestamp) {
        state = .exited
        pid = 0
        exit = ContainerExit(finishedAt: at, code: code, reason: reason)
    }
}
