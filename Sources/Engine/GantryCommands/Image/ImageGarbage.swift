import ArgumentParser
import GantryCore

struct ImageGarbage: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove images that have no name and are in no use, and layers of no image.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        for id in try globals.imageStore().collectGarbage() where output.format == .table {
            Output.print("removed \(id)")
        }
    }
}
