/// `gantry gc`.
package enum GarbageCollection {
    /// Cleans up after dead supervisors, removes what half-made pods and interrupted removals left, and, with a grace period, the records of
    /// pods that exited longer ago.
    /// - Parameter gracePeriod: nanoseconds; nil: records stay.
    /// - Returns: what was done, or with `dryRun` would be, a line each.
    /// - Throws: the first failure, when everything has been tried.
    package static func run(store: PodStore, gracePeriod: Int64?, dryRun: Bool) throws(EngineError) -> [String] {
        var lines: [String] = []
        var failure: EngineError?
        for swept in try PodCleanup.sweep(store: store, dryRun: dryRun) {
            if let error = swept.error {
                failure = failure ?? error
            } else {
                lines.append("cleaned up pod \(swept.uuid)")
            }
        }
        if !dryRun {
            BorrowedSlices(runDir: store.runDir).sweep()
            try RemovedPods.sweep(store)
            store.sweepKeptFailures()
        }
        for name in try store.sweepGarbage(dryRun: dryRun) { lines.append("removed garbage \(name)") }
        do throws(EngineError) {
            let collected = try NetworkCollection(store: store).run(dryRun: dryRun)
            lines += collected.networks.map { "removed what is stale in network \($0)" }
            failure = failure ?? collected.failure
        } catch {
            failure = failure ?? error
        }
        if let gracePeriod {
            for uuid in try expired(store, gracePeriod) {
                if !dryRun { try store.discard(uuid) }
                lines.append("removed pod \(uuid)")
            }
        }
        if let failure { throw failure }
        return lines
    }

    /// Pods of which nothing but the record is left, for longer than the period.
    private static func expired(_ store: PodStore, _ period: Int64) throws(EngineError) -> [PodUUID] {
        let now = Clock.now()
        return try store.list().filter { record in
            guard record.state == .exited, record.network.state != .attached, record.network.state != .failed else {
                return false
            }
            let end = record.finishedAt ?? record.createdAt
            return end < now && now - end >= period
        }.map(\.uuid)
    }
}
