/// Rebuilds the index at start, before a socket opens, and cleans up after a daemon that died.
///
/// What must always hold:
/// - units of ours without a pod in the engine are stopped;
/// - pods whose making nobody waits for any more are undone: no client knows their id, and its retry must find the name free;
/// - pods that do not run any more but have something left (a unit, a network) are finished;
/// - everything else is untouched. A clean-up that fails is reported and left to the kubelet's next stop or removal.
package struct Recover: Sendable {
    private let context: UseCases.Context
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: why the engine's inventory or systemd's units cannot be read; nothing was touched then.
    package func callAsFunction() async throws(DomainError) {
        let mark = index.mark()
        let records: [PodRecord]
        do throws(DomainError) {
            records = try await ports.engine.inventory()
        } catch {
            context.facts.note(error)
            throw error
        }
        let units = Set(try await ports.launcher.units())
        context.facts.note(nil)
        index.reconcile(records, since: mark)
        await readImages()

        let known = Set(records.map(\.pod.id))
        await each(units.subtracting(known).sorted { $0.rawValue < $1.rawValue }, "a unit without a pod was stopped") {
            (id) throws(DomainError) in try await ports.launcher.stop(id)
        }
        await each(records.filter { $0.pod.state == .creating }.map(\.pod.id), "a half-made pod was undone") {
            (id) throws(DomainError) in try await undo(id)
        }
        let down = records.filter { $0.pod.state == .notReady && ($0.hasSomethingLeft || units.contains($0.pod.id)) }
        await each(down.map(\.pod.id), "a pod that no longer runs was finished") { (id) throws(DomainError) in
            try await finish(id, hasUnit: units.contains(id))
        }
    }

    /// A failure is no reason not to serve pods: whoever asks for images reads the list again.
    private func readImages() async {
        do throws(DomainError) {
            try await context.imageCache.refresh()
        } catch {
            ports.diagnostics.warning("the list of images cannot be read", ["error": error.message])
        }
    }

    private func each(
        _ ids: [PodID], _ done: String, _ work: @escaping @Sendable (PodID) async throws(DomainError) -> Void
    ) async {
        let diagnostics = ports.diagnostics
        let budget = TimeBudget(context.settings.undoBudget, on: ports.clock)
        _ = await forEach(ids, atMost: context.settings.parallelism) { (id) throws(DomainError) in
            do throws(DomainError) {
                try await budget.run("pod \(id): clean-up") { () throws(DomainError) in try await work(id) }
                diagnostics.note(done, ["pod": id.rawValue])
            } catch {
                diagnostics.warning("a clean-up failed", ["pod": id.rawValue, "error": error.message])
                throw error
            }
        }
    }

    private func undo(_ id: PodID) async throws(DomainError) {
        let cause = DomainError(.cancelled, "the daemon ended while the pod was made")
        let left = await context.undo(ofPod: id).run(because: cause)
        guard let first = left.first else { return index.remove(id) }
        index.keepLeftover(
            id, message: "the daemon ended while it was made, and it could not be undone: \(first.message)")
        throw first
    }

    private func finish(_ id: PodID, hasUnit: Bool) async throws(DomainError) {
        if hasUnit { try await ports.launcher.stop(id) }
        try await ports.engine.finish(id)
        index.markStopped(id)
        try await context.refresh(id)
    }
}

extension PodRecord {
    /// True of a pod that is down when its end was not seen through.
    fileprivate var hasSomethingLeft: Bool {
        pod.networkAttached || containers.contains { $0.state != .exited }
    }
}
