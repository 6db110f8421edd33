import GantryCore
import JSON

/// Starts a created app.
struct StartApp: Verb, Equatable {
    static let title = "start"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        try context.callForApp(uuid, ["op": "app-start", "name": .string(AppName(app).string)])
    }
}
