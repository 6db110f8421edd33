import ArgumentParser
import GantryCore
import JSON

struct AppStart: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start an app that was added and not started yet.",
        discussion: "A command that cannot be started leaves an exited app: code 128, reason StartError.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(selection.pod)
        try callForApp(uuid, ["op": "app-start", "name": .string(selection.name().string)])
    }
}
