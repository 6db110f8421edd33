import GantryCore
import JSON

/// Gives an app other limits.
struct UpdateApp: Verb, Equatable {
    static let title = "update"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String
    /// A file, or - for standard input.
    var config: String

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        try context.callForApp(
            uuid,
            ["op": "app-update", "name": .string(AppName(app).string), "config": try ConfigInput.read(config)])
    }
}
