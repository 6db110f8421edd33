import GantryCore

/// Undoes what a pod without a supervisor left.
struct CleanUpPod: Verb, Equatable {
    static let title = "pod-cleanup"

    var context: EngineContext
    var uuid: String

    func perform() throws(EngineError) {
        guard let uuid = PodUUID(uuid) else { throw EngineError(.invalid, "pod \"\(uuid)\": is not a UUID") }
        guard let death = SupervisorDeath.told else { return try PodCleanup.run(store: context.store, uuid: uuid) }
        try PodCleanup.run(store: context.store, uuid: uuid, death: death)
    }
}
