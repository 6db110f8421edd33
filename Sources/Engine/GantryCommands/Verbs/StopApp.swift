import GantryCore
import JSON

/// Stops an app: signal, grace, SIGKILL.
struct StopApp: Verb, Equatable {
    static let title = "stop"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String
    /// nil: the app's own.
    var signal: String?
    /// nil: the app's own.
    var timeout: DurationArgument?

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        let name = try AppName(app)
        var request: [String: JSON] = ["op": "app-stop", "name": .string(name.string)]
        if let signal { request["signal"] = .string(try Signal(parsing: signal).name) }
        if let timeout { request["timeout_ms"] = .integer(timeout.milliseconds) }
        do throws(EngineError) {
            try context.callForApp(uuid, .object(request))
        } catch {
            // With its supervisor gone the app is stopped; its record says so once the clean-up has been.
            guard try context.isWithoutSupervisor(uuid, after: error) else { throw error }
            try printIfStopped(uuid, name, otherwise: error)
        }
    }

    private func printIfStopped(_ uuid: PodUUID, _ name: AppName, otherwise error: EngineError) throws(EngineError) {
        let record = try context.store.record(uuid)
        guard record.state == .exited else { throw error }
        guard let app = record.apps.first(where: { $0.name == name }) else {
            throw EngineError(.notFound, "app \(name): is not in pod \(uuid)")
        }
        if context.format == .json { Output.print(app.json) }
    }
}
