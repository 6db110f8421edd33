/// Removes a container; one that runs is killed first.
///
/// What must always hold: an unknown container is removed already; calls join; a removal goes on though its callers have left; a
/// removed id never comes back.
package struct RemoveContainer: Sendable {
    package let flights = InFlight<ContainerID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: why it is still there.
    package func callAsFunction(_ id: ContainerID) async throws(DomainError) {
        if index.container(id) == nil { return }
        _ = try await flights.run(id) { () throws(DomainError) in
            guard let pod = index.container(id)?.podID else { return true }
            try await context.locks.withLock(pod) { () throws(DomainError) in try await remove(id, of: pod) }
            return true
        }
    }

    private func remove(_ id: ContainerID, of pod: PodID) async throws(DomainError) {
        guard let container = index.container(id) else { return }
        let engine = context.ports.engine
        if container.state == .running {
            // So that the exit is recorded and told of before the container is gone.
            do throws(DomainError) {
                index.learn(try await engine.stopContainer(id, of: pod, signal: .kill, grace: .zero))
            } catch {
                context.ports.diagnostics.warning(
                    "a container could not be killed before its removal, which kills it too",
                    ["container": id.rawValue, "error": error.message])
            }
        }
        try await engine.removeContainer(id, of: pod)
        index.remove(id)
    }
}
