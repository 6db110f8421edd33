import ArgumentParser
import GantryCore

struct GarbageCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Clean up after pods without a supervisor, and remove what was never finished.",
        discussion: "A pod that has ended keeps its record, unless --grace-period is given and over.")

    @Option(help: ArgumentHelp("Remove pods that ended so long ago.", valueName: "duration"))
    var gracePeriod: DurationArgument?

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let lines = try GarbageCollection.run(
            store: globals.store, gracePeriod: gracePeriod?.nanoseconds, dryRun: dryRun)
        for line in lines { Output.print(line) }
    }
}
