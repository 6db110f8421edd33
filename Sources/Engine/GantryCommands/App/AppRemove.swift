import ArgumentParser
import GantryCore
import JSON

struct AppRemove: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove an app, killing what runs of it.",
        discussion: "Works on a dead pod too. An app that is not there is fine.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(selection.pod)
        let name = try selection.name()
        do throws(EngineError) {
            _ = try ControlClient.call(
                runDir: globals.runDir, uuid: uuid, request: ["op": "app-rm", "name": .string(name.string)])
        } catch {
            guard error.code == .precondition || error.code == .unavailable,
                try !globals.store.open(uuid).isAlive()
            else { throw error }
            try PodCleanup.removeApp(store: globals.store, uuid: uuid, name: name)
        }
    }
}
