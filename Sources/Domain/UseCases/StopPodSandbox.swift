/// Ends a pod: containers dead, unit stopped, network detached, not ready, in that order.
///
/// What must always hold:
/// - it can be repeated until it succeeds, and then again; an unknown pod is stopped already;
/// - a detach that fails is an error, and the pod keeps `networkAttached`, so that the kubelet's next stop tries again;
/// - nothing is made or started in the pod meanwhile: what is in flight is cancelled, and waited for within a bound only, since stopping
///   the unit ends it in any case;
/// - calls join; once begun, a stop goes on though its callers have left, so that no network stays attached for a client's deadline.
package struct StopPodSandbox: Sendable {
    package let flights = InFlight<PodID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context
    private let creations: CreateContainer
    private let starts: StartContainer
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context, creations: CreateContainer, starts: StartContainer) {
        self.context = context
        self.creations = creations
        self.starts = starts
    }

    /// - Throws: why the unit could not be stopped or the network not detached.
    package func callAsFunction(_ id: PodID) async throws(DomainError) {
        if index.pod(id) == nil || index.isStopped(id) { return }
        try await seeThrough(id)
    }

    /// The same for a pod that looks stopped and of which something may be left, such as a unit.
    func seeThrough(_ id: PodID) async throws(DomainError) {
        _ = try await flights.run(id) { () throws(DomainError) in
            try await stop(id)
            return true
        }
    }

    private func stop(_ id: PodID) async throws(DomainError) {
        index.beginStop(id)
        defer { index.endStop(id) }
        creations.flights.cancel { $0.pod == id }
        for container in index.containers(of: id) { starts.flights.cancel { $0 == container.id } }
        let locked = await context.lockWithinBound(id, for: "a stop")
        defer { if locked { context.locks.release(id) } }

        let mark = index.mark()
        let record = try await end(id)
        index.markStopped(id)
        if let record {
            index.reconcile(id, record, since: mark)
        } else {
            try await learnTheEnd(of: id)
        }
    }

    /// Containers dead, network detached, unit gone.
    ///
    /// - Returns: what is recorded of it then, where the engine tells.
    private func end(_ id: PodID) async throws(DomainError) -> PodRecord? {
        if index.pod(id)?.state == .ready, await context.hasWholePods {
            do throws(DomainError) {
                let record = try await ports.engine.finish(id)
                try await ports.launcher.stop(id)
                return record
            } catch {
                ports.diagnostics.warning(
                    "the engine could not end a pod that runs; its unit is stopped instead",
                    ["pod": id.rawValue, "error": error.message])
            }
        }
        await killContainers(of: id)
        try await ports.launcher.stop(id)
        return try await ports.engine.finish(id)
    }

    /// A record that cannot be read, now or ever, is no reason to call a pod alive.
    private func learnTheEnd(of id: PodID) async throws(DomainError) {
        do throws(DomainError) {
            try await context.refresh(id)
        } catch {
            guard error.code == .internal else { throw error }
            ports.diagnostics.warning(
                "the record of a pod that was stopped cannot be read", ["pod": id.rawValue, "error": error.message])
        }
    }

    /// Failures are reported and passed over: what is not dead by then dies with the unit.
    private func killContainers(of id: PodID) async {
        // Without a supervisor nothing can be told to a container, and nothing runs.
        guard index.pod(id)?.state == .ready else { return }
        let (engine, index) = (ports.engine, index)
        let living = index.containers(of: id).filter { $0.state == .running || $0.state == .unknown }
        let errors = await forEach(living.map(\.id), atMost: context.settings.parallelism) {
            (container) throws(DomainError) in
            index.learn(try await engine.stopContainer(container, of: id, signal: .kill, grace: .zero))
        }
        for error in errors {
            ports.diagnostics.warning(
                "a container could not be killed; it ends with its pod's unit",
                ["pod": id.rawValue, "error": error.message])
        }
    }
}
