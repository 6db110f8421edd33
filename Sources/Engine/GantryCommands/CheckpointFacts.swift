import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct CheckpointFacts: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Tell what an archive of a checkpoint was made of.",
        discussion: "The name of the container, and the image that an app which is made of the archive needs.")

    @Argument(help: "The archive.")
    var archive: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let facts = try CheckpointFile(archive).facts()
        Output.print(facts.json.serialized(pretty: output.format == .table))
    }
}
