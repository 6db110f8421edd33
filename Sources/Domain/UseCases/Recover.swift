/// Rebuilds the index at start, before a socket opens; then cleans up after a daemon that died, while this one serves.
///
/// What must always hold:
/// - units of ours whose pod is not in the engine, readable or not, are removed;
/// - pods whose making nobody waits for any more are undone: no client knows their id, and its retry waits for that. That a pod is
///   half-made is in its record, also once it is down, so that the next daemon goes on where this one is killed;
/// - pods that do not run any more but have something left (a unit, a network) are stopped, as the kubelet's own stop would: it joins;
/// - everything else is untouched. A clean-up that fails is reported and left to the kubelet's next stop or removal;
/// - no clean-up keeps the daemon from serving: a network's plugin may hang for minutes.
package struct Recover: Sendable {
    /// What a daemon that died has left to be cleaned up.
    package struct Leftovers: Sendable {
        /// Pods that are down, and whose end was not seen through.
        var down: [PodID] = []
        /// Units without a pod.
        var orphans: [PodID] = []
    }

    private let context: UseCases.Context
    private let pods: RunPodSandbox
    private let stop: StopPodSandbox
    private let orphans: RemoveOrphan
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context, pods: RunPodSandbox, stop: StopPodSandbox, orphans: RemoveOrphan) {
        self.context = context
        self.pods = pods
        self.stop = stop
        self.orphans = orphans
    }

    /// Reads what there is. The index is whole then, and the names of half-made pods are held until those are undone.
    ///
    /// - Returns: what ``cleanUp(_:)`` is to be given, once clients are served.
    /// - Throws: why the engine's inventory or systemd's units cannot be read; nothing was touched then.
    package func callAsFunction() async throws(DomainError) -> Leftovers {
        let mark = index.mark()
        let inventory: Inventory
        do throws(DomainError) {
            inventory = try await ports.engine.inventory()
        } catch {
            context.facts.note(error)
            throw error
        }
        let units = Set(try await ports.launcher.units())
        context.facts.note(nil)
        index.reconcile(inventory, since: mark)

        let records = inventory.records
        for record in records where record.isUnwanted { pods.undo(halfMade: record.pod) }
        let down = records.filter {
            !$0.isUnwanted && $0.pod.state == .notReady && ($0.hasSomethingLeft || units.contains($0.pod.id))
        }
        let known = Set(records.map(\.pod.id))
        // A unit whose supervisor has just begun is told of later: by then nobody must take its pod for one that is being made.
        let unknown = units.subtracting(known).filter { !inventory.mayHold($0) && index.disown($0) }
        return Leftovers(down: down.map(\.pod.id), orphans: unknown.sorted { $0.rawValue < $1.rawValue })
    }

    /// Returns when all of it is done, or was tried.
    package func cleanUp(_ leftovers: Leftovers) async {
        for id in leftovers.orphans { orphans.begin(id) }
        await readImages()
        let (stop, diagnostics, index) = (stop, ports.diagnostics, index)
        _ = await forEach(leftovers.down, atMost: context.settings.parallelism) { (id) throws(DomainError) in
            do throws(DomainError) {
                try await stop.seeThrough(id)
                let pod = index.pod(id)
                diagnostics.note(
                    "a pod that no longer runs was finished",
                    ["pod": id.rawValue, "unit": pod?.unit ?? "", "cause": pod?.message ?? ""])
            } catch {
                diagnostics.warning("a clean-up failed", ["pod": id.rawValue, "error": error.message])
            }
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
}

extension PodRecord {
    fileprivate var isUnwanted: Bool { isHalfMade || pod.state == .creating }

    /// True of a pod that is down when its end was not seen through.
    fileprivate var hasSomethingLeft: Bool {
        pod.networkAttached || containers.contains { $0.state != .exited }
    }
}
