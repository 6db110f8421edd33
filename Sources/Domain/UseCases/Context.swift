extension UseCases {
    /// The ports, and the state that use-cases share.
    package struct Context: Sendable {
        package let ports: Ports
        package let settings: Settings
        package let index: PodIndex
        package let imageCache: ImageCache
        package let facts: EngineFacts
        package let locks = PodLocks()

        package init(ports: Ports, settings: Settings) {
            self.ports = ports
            self.settings = settings
            index = PodIndex(wallClock: ports.wallClock, events: EventBroadcaster(buffer: settings.eventBuffer))
            imageCache = ImageCache(store: ports.images, pins: settings.pinnedImages)
            facts = EngineFacts(engine: ports.engine)
        }

        func undo(of object: String) -> Undo {
            Undo(
                of: object, budget: TimeBudget(settings.undoBudget, on: ports.clock), diagnostics: ports.diagnostics)
        }

        /// Whether the engine ends and removes pods as a whole. One that cannot be asked is taken not to.
        var hasWholePods: Bool {
            get async { (try? await facts.features())?.wholePods ?? false }
        }

        /// How long a call goes on for a retry when its caller's deadline passed.
        var patienceWithLateCallers: Patience { Patience(settings.lingering, on: ports.clock) }

        /// Undoes, and tells of the failure when that takes longer than a caller should wait for it.
        func run(
            _ undo: Undo, because error: DomainError, tellingAfterAWhile tell: @escaping @Sendable (DomainError) -> Void
        ) async -> [DomainError] {
            let timer = Task { [ports, settings] in
                if (try? await ports.clock.sleep(for: settings.undoPatience)) != nil { tell(error) }
            }
            defer { timer.cancel() }
            return await undo.run(because: error)
        }

        /// Brings the index up to what the engine says of one pod now, outside the caller's cancellation and within a budget.
        func refresh(_ pod: PodID) async throws(DomainError) {
            let (engine, index) = (ports.engine, index)
            let budget = TimeBudget(settings.undoBudget, on: ports.clock)
            let result = await Task {
                await Result(catching: { () async throws(DomainError) in
                    let mark = index.mark()
                    let record = try await budget.run("pod \(pod): reading its record") { () throws(DomainError) in
                        try await engine.record(of: pod)
                    }
                    index.reconcile(pod, record, since: mark)
                })
            }.value
            try result.get()
        }

        /// The undo of a pod whose launch was begun. Of what the launch may or may not have made, each step finds out by itself.
        func undo(ofPod id: PodID) -> Undo {
            let ports = ports
            var undo = undo(of: "pod \(id)")
            // The record knows what a detach that failed still needs: it goes only when nothing is left.
            undo.register("remove its record", .unlessFailed) { () throws(DomainError) in
                try await ports.engine.remove(id)
            }
            undo.register("detach its network and unmount") { () throws(DomainError) in
                _ = try await ports.engine.finish(id)
            }
            undo.register("stop its unit") { () throws(DomainError) in try await ports.launcher.stop(id) }
            // First of all, so that whoever finds it after whatever interrupts this goes on with it.
            undo.register("write down that it was given up") { () throws(DomainError) in
                do throws(DomainError) {
                    try await ports.engine.abandon(id)
                } catch {
                    // Needed only by the next daemon.
                    ports.diagnostics.warning(
                        "it could not be written down that a pod's making was given up",
                        ["pod": id.rawValue, "error": error.message])
                }
            }
            return undo
        }

        /// Takes a pod's lock if whoever holds it gives it up in time; otherwise says so, and the caller goes on without.
        ///
        /// - Returns: whether the lock must be released.
        func lockWithinBound(_ pod: PodID, for what: String) async -> Bool {
            do throws(DomainError) {
                try await TimeBudget(settings.lockWait, on: ports.clock).run("pod \(pod): waiting for its lock") {
                    [locks] () throws(DomainError) in try await locks.acquire(pod)
                }
                return true
            } catch {
                ports.diagnostics.warning(
                    "\(what) does not wait any longer for the operation that holds the pod",
                    ["pod": pod.rawValue, "error": error.message])
                return false
            }
        }
    }
}

/// Throws `cancelled` when the current task is; `what` says what is given up.
func checkCancellation(_ what: String) throws(DomainError) {
    if Task.isCancelled {
        throw DomainError(.cancelled, "\(what): given up, because its caller left or something stopped it")
    }
}
