import ArgumentParser
import GantryCore

struct ImageRemove: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove images with all their names.",
        discussion:
            "An image that an app uses loses its names now and is removed with the last such app. One that is not there is fine."
    )

    @Argument(help: "Ids, unique beginnings of them, or names.")
    var images: [String]

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        try globals.checkOwner()
        let store = try globals.imageStore()
        try EachOperand.run(images, title: "rm") { (image) throws(EngineError) in
            if let id = try store.remove(image) {
                if output.format == .table { Output.print("removed \(id)") }
            } else {
                Output.error("rm: image \(image): is not in the store")
            }
        }
    }
}
