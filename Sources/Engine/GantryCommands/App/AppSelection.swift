import ArgumentParser
import GantryCore

/// The pod and the app that most verbs are about.
struct AppSelection: ParsableArguments {
    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Option(help: ArgumentHelp("The app's name.", valueName: "name"))
    var app: String

    func name() throws(EngineError) -> AppName { try AppName(app) }
}
