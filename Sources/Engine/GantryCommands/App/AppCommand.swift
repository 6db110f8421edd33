import ArgumentParser
import GantryCore
import JSON

struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app", abstract: "Pods and the apps in them.",
        subcommands: [
            AppSandbox.self, AppAdd.self, AppStart.self, AppStop.self, AppRemove.self, AppExec.self, AppStatus.self, AppList.self,
        ])

    /// By the word that names them.
    static let verbs: [String: any ParsableCommand.Type] = [
        "sandbox": AppSandbox.self, "add": AppAdd.self, "start": AppStart.self, "stop": AppStop.self, "rm": AppRemove.self,
        "exec": AppExec.self, "status": AppStatus.self, "list": AppList.self,
    ]
}

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
