import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct ImageGarbage: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove images that have no name and are in no use, and layers of no image.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        try globals.checkOwner()
        let collected = try globals.imageStore().collectGarbage(nameless: true)
        collected.note(title: "gc")
        guard output.format == .table else {
            return Output.print(["removed": .array(collected.images.map { .string($0.description) })])
        }
        for id in collected.images { Output.print("removed \(id)") }
    }
}

extension ImageStore.Collected {
    /// Says why nothing was collected where that is so.
    func note(title: String) {
        guard let obstacle else { return }
        Output.error("\(title): what is in use is not known, so no image is removed: \(obstacle.message)")
    }
}
