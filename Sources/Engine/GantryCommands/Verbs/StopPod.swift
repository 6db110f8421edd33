import GantryCore
import JSON

/// Stops a pod; one that has stopped already is fine, and what failed the last time is tried again.
struct StopPod: Verb, Equatable {
    static let title = "stop"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    /// Whether the apps get no grace.
    var force = false
    /// nil: each app's own.
    var timeout: DurationArgument?

    func perform() throws(EngineError) {
        let uuid: PodUUID
        do throws(EngineError) {
            uuid = try context.store.resolve(pod)
        } catch {
            // Perhaps there is something of it all the same: of a removal that was cut short.
            if error.code == .notFound, let gone = PodUUID(pod) {
                try PodCleanup.run(store: context.store, uuid: gone)
            }
            throw error
        }
        do throws(EngineError) {
            try askSupervisor(uuid)
            // All is undone now; the supervisor's own end follows.
            _ = try? context.store.open(uuid).hasEnded(waitingFrom: .deleting)
        } catch {
            // Nobody there, or gone before it could answer: what is left to undo is undone here.
            guard try context.isWithoutSupervisor(uuid, after: error) else { throw error }
            try PodCleanup.run(store: context.store, uuid: uuid)
        }
        guard context.format == .json else { return Output.print("\"\(uuid)\"") }
        Output.print(try context.store.record(uuid).json)
    }

    private func askSupervisor(_ uuid: PodUUID) throws(EngineError) {
        var request: [String: JSON] = ["op": "stop", "force": .bool(force)]
        if let timeout { request["timeout_ms"] = .integer(timeout.milliseconds) }
        let body = JSON.object(request)
        try ControlClient.negotiating(runDir: context.runDir, uuid: uuid) { (connection) throws(EngineError) in
            try connection.send(body)
            _ = try ControlProtocol.unwrap(connection.receive().body)
        }
    }
}
