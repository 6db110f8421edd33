import ArgumentParser
import GantryCore

struct AppStatus: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Print one app.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    static var failureCode: Int32 { 1 }
    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(selection.pod)
        let name = try selection.name()
        guard let app = try globals.store.record(uuid).apps.first(where: { $0.name == name }) else {
            throw EngineError(.notFound, "app \(name): is not in pod \(uuid)")
        }
        guard output.format == .table else { return Output.print(app.json) }
        for line in RecordText.lines(of: app.json) { Output.print(line) }
    }
}
