/// Removes a pod with everything in it. Forceful: it stops the pod first.
///
/// What must always hold: the record goes last, after the stop and the containers, so that a removal that failed half-way can be
/// repeated; an unknown pod is removed already; calls join, and a removal goes on though its callers have left.
package struct RemovePodSandbox: Sendable {
    package let flights = InFlight<PodID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context
    private let stop: StopPodSandbox

    init(_ context: UseCases.Context, stop: StopPodSandbox) {
        self.context = context
        self.stop = stop
    }

    /// - Throws: why something of it is left.
    package func callAsFunction(_ id: PodID) async throws(DomainError) {
        if context.index.pod(id) == nil { return }
        _ = try await flights.run(id) { () throws(DomainError) in
            try await remove(id)
            return true
        }
    }

    private func remove(_ id: PodID) async throws(DomainError) {
        context.index.beginStop(id)
        defer { context.index.endStop(id) }
        try await stop(id)
        let locked = await context.lockWithinBound(id, for: "a removal")
        defer { if locked { context.locks.release(id) } }
        if await !context.hasWholePods { try await removeContainers(of: id) }
        try await context.ports.engine.remove(id)
        context.index.remove(id)
    }

    private func removeContainers(of id: PodID) async throws(DomainError) {
        let (engine, index) = (context.ports.engine, context.index)
        let errors = await forEach(index.containers(of: id).map(\.id), atMost: context.settings.parallelism) {
            (container) throws(DomainError) in
            try await engine.removeContainer(container, of: id)
            index.remove(container)
        }
        guard let first = errors.first else { return }
        throw DomainError(
            first.code,
            "pod \(id): \(errors.count) of its containers could not be removed; the first: \(first.message)")
    }
}
