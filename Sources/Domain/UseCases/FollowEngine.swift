import Synchronization

/// Keeps the index true while the daemon serves: applies the engine's events as they come, and checks against the whole inventory now
/// and then, in case one was lost. What it finds then and nobody answers for is removed.
///
/// What must always hold: a failing engine ends nothing here; it is a condition of ``RuntimeStatus`` until it answers again.
package struct FollowEngine: Sendable {
    private let context: UseCases.Context
    private let orphans: RemoveOrphan

    init(_ context: UseCases.Context, orphans: RemoveOrphan) {
        self.context = context
        self.orphans = orphans
    }

    /// Runs until its task is cancelled or the engine's stream ends.
    package func run() async {
        // One slot each: what asks for a check or a list while one is due asks for the same one.
        let (checks, askCheck) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let (lists, askList) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in checks { await check() } }
            group.addTask { for await _ in lists { await readImages() } }
            group.addTask { await tick(askCheck) }
            defer { context.facts.follow(false) }
            for await event in context.ports.engine.events() {
                context.facts.follow(true)
                let living = context.index.living(among: event.pods)
                if context.index.apply(event) { askCheck.yield(true) }
                tellOfTheDead(among: living)
                // A snapshot stands for lost deltas, and a change of the images may have been among them.
                switch event {
                case .images, .snapshot: askList.yield(true)
                default: break
                }
            }
            askCheck.finish()
            askList.finish()
            group.cancelAll()
        }
    }

    /// Makes the index equal to the engine's inventory.
    package func check() async {
        let mark = context.index.mark()
        do throws(DomainError) {
            let inventory = try await context.ports.engine.inventory()
            let living = context.index.living(among: inventory.records.map(\.pod.id))
            context.index.reconcile(inventory, since: mark)
            tellOfTheDead(among: living)
            context.facts.note(nil)
            await removeOrphans(inventory)
        } catch {
            if Task.isCancelled { return }
            // Once per outage, not once per check.
            if context.facts.failure == nil {
                context.ports.diagnostics.warning("the engine's inventory cannot be read", ["error": error.message])
            }
            context.facts.note(error)
        }
    }

    /// A pod whose end nobody asked for here: who looks for the reason begins with this line.
    private func tellOfTheDead(among living: Set<PodID>) {
        for id in living {
            guard let pod = context.index.pod(id), pod.state == .notReady else { continue }
            context.ports.diagnostics.warning(
                "a pod ended by itself",
                [
                    "pod": id.rawValue, "name": "\(pod.config.metadata.namespace)/\(pod.config.metadata.name)",
                    "unit": pod.unit, "cause": pod.message.isEmpty ? "nobody recorded one" : pod.message,
                ])
        }
    }

    /// A pod is in the index before it has a unit, and until its record is gone: what is not in it is nobody's. The units of pods that
    /// the engine cannot tell of are left alone.
    private func removeOrphans(_ inventory: Inventory) async {
        // Without the units, only the records are looked at; the next check tries again.
        let units = (try? await context.ports.launcher.units()) ?? []
        let found = Set(inventory.records.map(\.pod.id)).union(units.filter { !inventory.mayHold($0) })
        for id in context.index.orphans(among: Array(found)) { orphans.begin(id) }
    }

    private func tick(_ askCheck: AsyncStream<Bool>.Continuation) async {
        let (clock, interval) = (context.ports.clock, context.settings.checkInterval)
        // The sleep fails only when the task is cancelled.
        while (try? await clock.sleep(for: interval)) != nil { askCheck.yield(true) }
    }

    private func readImages() async {
        do throws(DomainError) {
            try await context.imageCache.refresh()
        } catch {
            if Task.isCancelled { return }
            context.ports.diagnostics.warning("the list of images cannot be read", ["error": error.message])
        }
    }
}

extension EngineEvent {
    /// Those that it may say have ended.
    fileprivate var pods: [PodID] {
        switch self {
        case .snapshot(let records): records.map(\.pod.id)
        case .pod(let pod): [pod.id]
        case .container, .podRemoved, .containerRemoved, .images: []
        }
    }
}
