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
            // With its supervisor gone the app is stopped, and its record says so once the clean-up has been.
            guard try context.isWithoutSupervisor(uuid, after: error) else { throw error }
            try cleanUp(uuid, name)
        }
    }

    /// What is left undone of the rest of the pod is told by the pod's own stop: here the app's exit counts.
    private func cleanUp(_ uuid: PodUUID, _ name: AppName) throws(EngineError) {
        var failure: EngineError?
        do throws(EngineError) { try PodCleanup.run(store: context.store, uuid: uuid) } catch { failure = error }
        let record = try context.store.record(uuid)
        guard let app = record.apps.first(where: { $0.name == name }) else {
            throw EngineError(.notFound, "app \(name): is not in pod \(uuid)")
        }
        if app.state != .exited, let failure { throw failure }
        if context.format == .json { Output.print(app.json) }
    }
}
