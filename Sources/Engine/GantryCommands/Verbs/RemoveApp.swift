import GantryCore
import JSON

/// Removes an app, of a dead pod too.
struct RemoveApp: Verb, Equatable {
    static let title = "rm"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        let name = try AppName(app)
        do throws(EngineError) {
            let answer = try ControlClient.call(
                runDir: context.runDir, uuid: uuid, request: ["op": "app-rm", "name": .string(name.string)])
            // The app is gone; what it had written takes as long as it takes, and is left to the next removal where this is cut short.
            if let garbage = answer["garbage"]?.stringValue { try context.store.removeGarbage(garbage) }
            try context.store.finishRemovals()
        } catch {
            guard try context.isWithoutSupervisor(uuid, after: error) else { throw error }
            try PodCleanup.removeApp(store: context.store, uuid: uuid, name: name)
        }
    }
}
