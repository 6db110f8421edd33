import GantryCore
import JSON

/// Where the engine's state is, and how to print: what every verb needs.
struct EngineContext: Equatable {
    var dir = "/var/lib/rktlet"
    var runDir = "/run/rktlet"
    var format = OutputFormat.table

    var store: PodStore { PodStore(dir: dir, runDir: runDir) }

    /// Asks the pod's supervisor and prints the app it answers with.
    func callForApp(_ uuid: PodUUID, _ request: JSON) throws(EngineError) {
        let answer = try ControlClient.call(runDir: runDir, uuid: uuid, request: request)
        if format == .json { Output.print(answer["app"] ?? [:]) }
    }

    /// Whether a request failed because the pod's supervisor is gone.
    func isWithoutSupervisor(_ uuid: PodUUID, after error: EngineError) throws(EngineError) -> Bool {
        guard error.isWithoutSupervisor else { return false }
        return try store.open(uuid).hasEnded(waitingFrom: .running)
    }
}
