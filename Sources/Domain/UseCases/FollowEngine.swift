import Synchronization

/// Keeps the index true while the daemon serves: applies the engine's events as they come, and checks against the whole inventory now
/// and then, in case one was lost.
///
/// What must always hold: a failing engine ends nothing here; it is a condition of ``RuntimeStatus`` until it answers again.
package struct FollowEngine: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
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
            for await event in context.ports.engine.events() {
                if context.index.apply(event) { askCheck.yield(true) }
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
            let records = try await context.ports.engine.inventory()
            context.index.reconcile(records, since: mark)
            context.facts.note(nil)
        } catch {
            if Task.isCancelled { return }
            // Once per outage, not once per check.
            if context.facts.failure == nil {
                context.ports.diagnostics.warning("the engine's inventory cannot be read", ["error": error.message])
            }
            context.facts.note(error)
        }
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
