/// Makes a container in a pod that is ready; it is created, not started.
///
/// What must always hold:
/// - everything is validated and the image resolved, once, before anything is written; the image is held while the container is made;
/// - a container's name (name and attempt, in its pod) is reserved before any side effect; a retry (equal config) joins the call in
///   flight or gets the id of the container that it made, whatever state that is in by now; another config is `alreadyExists`;
/// - a caller may leave; when the last one has, the work is cancelled and undone (a retry is given time to come when the caller's deadline
///   passed). A stop of the pod does the same to it;
/// - any failure undoes everything; what cannot be undone stays visible as unknown until it is removed.
package struct CreateContainer: Sendable {
    package let flights: InFlight<ContainerName, ContainerConfig, ContainerID>
    private let context: UseCases.Context
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context) {
        self.context = context
        flights = InFlight(whenAbandoned: .linger(context.patienceWithLateCallers))
    }

    /// - Throws: `notFound` for the pod or an image; `failedPrecondition` for a pod that is not ready; `invalidArgument`, naming the field;
    ///   `alreadyExists`; what the engine fails with.
    package func callAsFunction(_ config: ContainerConfig, in pod: PodID) async throws(DomainError) -> ContainerID {
        _ = try index.podForWork(pod)
        let name = ContainerName(pod: pod, metadata: config.metadata)
        return try await flights.run(
            name, request: config,
            conflict: { _ in
                DomainError(
                    .alreadyExists,
                    "a container \(config.metadata) with another config is being made in pod \(pod) just now; wait for it, or use another attempt"
                )
            },
            work: { () throws(DomainError) in try await make(config, in: pod) })
    }

    private func make(_ config: ContainerConfig, in podID: PodID) async throws(DomainError) -> ContainerID {
        let pod = try index.podForWork(podID)
        if let finished = try finished(config, in: podID) { return finished }
        let validation = ContainerValidation(context: context, pod: pod, config: config)
        let request = try await validation.resolve()
        defer { validation.release(request) }

        try await reserve(request)
        var undo = context.undo(of: "container \(request.id)")
        do throws(DomainError) {
            try await context.locks.withLock(podID) { () throws(DomainError) in try await add(request, &undo) }
            return request.id
        } catch {
            let name = ContainerName(pod: podID, metadata: config.metadata)
            let left = await context.run(undo, because: error, tellingAfterAWhile: flights.earlyFailure(of: name))
            if left.isEmpty { index.remove(request.id) } else { index.keepLeftover(request.id) }
            throw error
        }
    }

    /// What a retry gets.
    private func finished(_ config: ContainerConfig, in pod: PodID) throws(DomainError) -> ContainerID? {
        guard let existing = index.containers(of: pod).first(where: { $0.config.metadata == config.metadata }) else {
            return nil
        }
        // Of a call that failed, not of one that is finished.
        if index.isLeftover(existing.id) { return nil }
        guard existing.config == config, existing.state != .unknown else {
            let why = existing.state == .unknown ? "is unknown" : "(\(existing.state.rawValue)) has another config"
            throw DomainError(
                .alreadyExists,
                "container \(existing.id) holds the name \(config.metadata) in pod \(pod) and \(why); remove it, or use another attempt"
            )
        }
        return existing.id
    }

    private func reserve(_ request: NewContainer) async throws(DomainError) {
        let container = Container(
            id: request.id, podID: request.podID, config: request.config, imageID: request.image.id,
            mountImages: request.mountImages,
            logPath: request.logPath,
            state: .creating, createdAt: request.createdAt)
        var reservation = index.reserve(container)
        // As with pods: what kept an earlier attempt's undo from its end may be over.
        if case .stuck(let owner) = reservation, index.isLeftover(owner.id), await removed(owner) {
            index.remove(owner.id)
            reservation = index.reserve(container)
        }
        switch reservation {
        case .made: return
        case .taken(let owner), .stuck(let owner):
            throw DomainError(
                .alreadyExists,
                "container \(owner.id) (\(owner.state.rawValue)) holds the name \(request.config.metadata) in pod \(request.podID); remove it, or use another attempt"
            )
        }
    }

    private func removed(_ leftover: Container) async -> Bool {
        var undo = context.undo(of: "container \(leftover.id)")
        registerRemoval(of: leftover.id, in: leftover.podID, &undo)
        return await undo.run(because: DomainError(.internal, "an earlier attempt left it behind")).isEmpty
    }

    private func registerRemoval(of id: ContainerID, in pod: PodID, _ undo: inout Undo) {
        let engine = ports.engine
        undo.register("remove it") { () throws(DomainError) in try await engine.removeContainer(id, of: pod) }
    }

    private func add(_ request: NewContainer, _ undo: inout Undo) async throws(DomainError) {
        try checkCancellation("container \(request.id): creation")
        _ = try index.podForWork(request.podID)
        registerRemoval(of: request.id, in: request.podID, &undo)
        let container = try await ports.engine.addContainer(request)
        try checkCancellation("container \(request.id): creation")
        guard index.publish(container) else {
            _ = try index.podForWork(request.podID)
            throw DomainError(
                .failedPrecondition, "pod \(request.podID) was stopped while container \(request.id) was made in it")
        }
    }
}
