import ArgumentParser
import GantryCore
import JSON

/// The pod and the app that most verbs are about.
struct AppSelection: ParsableArguments {
    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Option(help: ArgumentHelp("The app's name.", valueName: "name"))
    var app: String

    func name() throws(EngineError) -> AppName { try AppName(app) }
}

extension EngineCommand {
    /// Asks the pod's supervisor and prints the app it answers with.
    func callForApp(_ uuid: PodUUID, _ request: JSON) throws(EngineError) {
        let answer = try ControlClient.call(runDir: globals.runDir, uuid: uuid, request: request)
        if outputFormat == .json { Output.print(answer["app"] ?? [:]) }
    }
}
