import CGantry
import Glibc

/// Cleans up after supervisors that are gone: `pod-cleanup`, `stop` of a dead pod, `gc`.
package enum PodCleanup {
    /// Ends what is left of one pod. Repeatable; a pod that is not there has nothing left but, perhaps, what its killed maker had begun.
    ///
    /// - Parameter death: how the supervisor ended, for people; kept as the pod's `error` where nothing else is.
    /// - Throws: `precondition` for one whose supervisor lives, else what could not be undone.
    package static func run(
        store: PodStore, uuid: PodUUID, death: String = "its supervisor is gone, and nobody saw how it ended"
    ) throws(EngineError) {
        let pod: PodDirectory
        do throws(EngineError) {
            pod = try store.open(uuid)
        } catch  where error.code == .notFound {
            try store.sweepHalfMade(uuid)
            return try store.finishRemovals(of: uuid)
        }
        let teardown = PodTeardown(store: store, pod: pod, by: .cleanup(death: death))
        // Nothing to wait for a turn for, whoever may have it.
        if try !pod.isAlive(), try teardown.isDone(pod.readOrRebuildRecord(boot: store.bootID())) { return }
        let turn = try pod.lockCleanup()
        defer { withExtendedLifetime(turn) {} }
        // Removed, while this waited.
        guard gantry_same_file(pod.fd, AT_FDCWD, pod.path) == 1 else { return }
        guard try !pod.isAlive() else {
            throw EngineError(.precondition, "pod \(uuid): its supervisor lives; stop the pod first")
        }
        try teardown.run(because: nil)
    }

    /// Removes one app of a pod whose supervisor is gone; one that is not there is removed already.
    package static func removeApp(store: PodStore, uuid: PodUUID, name: AppName) throws(EngineError) {
        try run(store: store, uuid: uuid)
        let pod = try store.open(uuid)
        let turn = try pod.lockCleanup()
        defer { withExtendedLifetime(turn) {} }
        if try pod.removeApp(name) {
            try PodEventLog(uuid, runDir: store.runDir).append(.appRemoved(pod: uuid, name))
        }
    }

    /// Cleans up every pod without a living supervisor.
    /// - Returns: the pods that were looked after, each with what could not be undone.
    package static func sweep(store: PodStore, dryRun: Bool = false) throws(EngineError) -> [(
        uuid: PodUUID, error: EngineError?
    )] {
        var swept: [(uuid: PodUUID, error: EngineError?)] = []
        for uuid in try store.uuids() {
            do throws(EngineError) {
                let pod = try store.open(uuid)
                guard try !pod.isAlive(), try needsCleanup(store, pod) else { continue }
                if !dryRun { try run(store: store, uuid: uuid) }
                swept.append((uuid, nil))
            } catch  where error.code == .notFound {
                // Removed meanwhile.
                continue
            } catch {
                swept.append((uuid, error))
            }
        }
        return swept
    }

    private static func needsCleanup(_ store: PodStore, _ pod: PodDirectory) throws(EngineError) -> Bool {
        let record = try pod.readOrRebuildRecord(boot: store.bootID())
        return record.state != .exited || record.network.state == .attached || record.network.state == .failed
            || Files.exists(pod.runPath)
    }
}
