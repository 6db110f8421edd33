import GantryCore
import JSON

/// Removes stopped pods with all that is in them; one that is not there is fine, a running one is refused.
struct RemovePods: Verb, Equatable {
    static let title = "rm"

    var context: EngineContext
    /// UUIDs or their beginnings.
    var pods: [String]

    func perform() throws(EngineError) {
        try EachOperand.run(pods, title: Self.title) { (pod) throws(EngineError) in try remove(pod) }
    }

    private func remove(_ name: String) throws(EngineError) {
        let store = context.store
        let uuid: PodUUID
        do throws(EngineError) {
            uuid = try store.resolve(name)
        } catch {
            guard error.code == .notFound else { throw error }
            Output.error("rm: \(error.message)")
            // Perhaps of a removal that was cut short before it could tell, or of a start before there was a pod.
            if let gone = PodUUID(name) {
                try PodCleanup.run(store: store, uuid: gone)
                store.keptFailures.forget(gone)
                try RemovedPods.tell(gone, runDir: context.runDir)
            }
            return
        }
        guard try store.open(uuid).hasEnded(waitingFrom: .deleting) else {
            throw EngineError(.precondition, "pod \(uuid): is running; stop it first: gantry stop \(uuid)")
        }
        try PodCleanup.run(store: store, uuid: uuid)
        // Told before it is deleted, which may take long; whatever interrupts that, the next removal goes on with it.
        try store.discard(uuid)
        store.keptFailures.forget(uuid)
        if context.format == .table { Output.print("\"\(uuid)\"") }
    }
}
