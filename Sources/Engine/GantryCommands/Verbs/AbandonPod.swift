import GantryCore

/// Writes down that a pod's making was given up.
struct AbandonPod: Verb, Equatable {
    static let title = "abandon"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        try context.store.open(uuid).markAbandoned()
    }
}
