import ArgumentParser
import GantryCore
import JSON

struct ImageCatManifest: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat-manifest", abstract: "Print an image's configuration.")

    @Argument(help: "An image's id, a unique beginning of it, or a name.")
    var image: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let bytes = try store.config(of: store.images().image(named: image).id)
        let text = String(decoding: bytes, as: UTF8.self)
        guard output.format == .table, let document = try? JSON(parsing: bytes) else { return Output.printData(text) }
        Output.printData(document.serialized(pretty: true))
    }
}
