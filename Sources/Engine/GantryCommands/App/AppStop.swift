import ArgumentParser
import GantryCore
import JSON

struct AppStop: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop an app: signal, grace, SIGKILL.",
        discussion: "Returns when the exit is recorded. An app that has stopped already is fine.")

    @OptionGroup var selection: AppSelection

    @Option(
        help: ArgumentHelp(
            "The signal to begin with, as SIGTERM, TERM or 15. Default: the app's own.", valueName: "signal"))
    var signal: String?

    @Option(
        help: ArgumentHelp("The grace before SIGKILL; 0s kills at once. Default: the app's own.", valueName: "duration")
    )
    var timeout: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(selection.pod)
        let name = try selection.name()
        var request: [String: JSON] = ["op": "app-stop", "name": .string(name.string)]
        if let signal { request["signal"] = .string(try Signal(parsing: signal).name) }
        if let timeout { request["timeout_ms"] = .integer(timeout.milliseconds) }
        do throws(EngineError) {
            try callForApp(uuid, .object(request))
        } catch {
            // With its supervisor gone the app is stopped; its record says so once the clean-up has been.
            guard error.code == .precondition || error.code == .unavailable else { throw error }
            try printIfStopped(uuid, name, otherwise: error)
        }
    }

    private func printIfStopped(_ uuid: PodUUID, _ name: AppName, otherwise error: EngineError) throws(EngineError) {
        let record = try globals.store.record(uuid)
        guard record.state == .exited else { throw error }
        guard let app = record.apps.first(where: { $0.name == name }) else {
            throw EngineError(.notFound, "app \(name): is not in pod \(uuid)")
        }
        if outputFormat == .json { Output.print(app.json) }
    }
}
