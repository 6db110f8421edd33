/// Starts a container that is created.
///
/// What must always hold: from created only, otherwise `failedPrecondition` naming the state; a command that cannot be started leaves an
/// exited container (code 128, `StartError`) in the index and an event; calls join; once begun, a start goes on though its callers have
/// left: a process that may or may not run is worse than one that runs. A stop of the pod cancels it.
package struct StartContainer: Sendable {
    package let flights = InFlight<ContainerID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context
    private let layers: WritableLayers
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context, layers: WritableLayers) {
        self.context = context
        self.layers = layers
    }

    /// - Throws: `notFound`; `failedPrecondition`; why the command could not be started.
    package func callAsFunction(_ id: ContainerID) async throws(DomainError) {
        _ = try await flights.run(id) { () throws(DomainError) in
            let pod = try startable(id).podID
            try await context.locks.withLock(pod) { () throws(DomainError) in
                let container = try startable(id)
                _ = try index.podForWork(pod)
                try await start(container)
            }
            return true
        }
    }

    private func startable(_ id: ContainerID) throws(DomainError) -> Container {
        guard let container = index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard container.state == .created else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) is \(container.state.rawValue); only a created one can be started: create another one")
        }
        return container
    }

    private func start(_ container: Container) async throws(DomainError) {
        try checkCancellation("container \(container.id): start")
        do throws(DomainError) {
            let started = try await context.ports.engine.startContainer(container.id, of: container.podID)
            index.learn(started)
            layers.began(started)
        } catch {
            await learnOutcome(of: container)
            throw error
        }
    }

    /// After a failure the engine's record is the truth: exited, or, when the failure came before the attempt, still created.
    private func learnOutcome(of container: Container) async {
        do throws(DomainError) {
            try await context.refresh(container.podID)
        } catch {
            context.ports.diagnostics.warning(
                "what became of a failed start is not known yet; the next check of the inventory tells",
                ["container": container.id.rawValue, "error": error.message])
        }
    }
}
