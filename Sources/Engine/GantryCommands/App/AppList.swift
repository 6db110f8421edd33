import ArgumentParser
import GantryCore
import JSON

struct AppList: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the apps of a pod.")

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    static var failureCode: Int32 { 1 }
    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let record = try globals.store.record(globals.store.resolve(pod))
        guard output.format == .table else { return Output.print(.array(record.apps.map(\.json))) }
        var table = Table(["NAME", "STATE"])
        for app in record.apps { table.add([app.name.string, app.state.rawValue]) }
        Output.print(table.text)
    }
}
