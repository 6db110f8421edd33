import GantryCore
import JSON

/// Has an app's log go on in a file of the name that it has, which is made anew when the old one was moved away.
struct ReopenAppLog: Verb, Equatable {
    static let title = "reopen-log"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        _ = try ControlClient.call(
            runDir: context.runDir, uuid: uuid, request: ["op": "app-reopen-log", "name": .string(AppName(app).string)])
    }
}
