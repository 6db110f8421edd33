import ArgumentParser
import GantryCore

/// rkt knows `fetch` under this name too.
struct ImageFetchAlias: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "fetch", abstract: "The same as image fetch.")

    @OptionGroup var arguments: FetchArguments
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        var command = ImageFetchCommand()
        command.arguments = arguments
        command.output = output
        command.globals = globals
        try command.perform()
    }
}
