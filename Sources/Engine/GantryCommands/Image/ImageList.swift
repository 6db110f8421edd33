import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct ImageList: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the images in the store.")

    @Flag(help: "Print whole ids.")
    var full = false

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let images = try store.images().list
        guard output.format == .table else { return Output.print(.array(images.map(store.record))) }
        let now = Clock.now()
        var table = Table(["ID", "NAME", "SIZE", "IMPORT TIME", "LAST USED"])
        for image in images {
            table.add([
                full ? image.id.description : "sha256:\(image.id.hex.prefix(12))",
                image.name == image.id.description ? "" : image.name,
                Readable.bytes(image.size), Readable.age(of: image.importTime, at: now),
                Readable.age(of: store.lastUsed(image), at: now),
            ])
        }
        Output.print(table.text)
    }
}
