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
}
