import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct ImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Images in the store.",
        subcommands: [ImageFetchCommand.self, ImageList.self, ImageCatManifest.self, ImageRemove.self, ImageGarbage.self, ImageUsage.self])
}

extension GlobalOptions {
    /// The image store, which tells the event log about its changes.
    func imageStore() throws(EngineError) -> ImageStore {
        try ImageStore(dataDirectory: dir) { [runDir] in
            do throws(EngineError) {
                try EventLog(runDir: runDir).append(.images)
            } catch {
                Output.error("image: the event log could not be told: \(error.message)")
            }
        }
    }
}

struct ImageList: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the images in the store.")

    @Flag(help: "Print whole ids.")
    var full = false

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let images = try store.images().images.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        guard output.format == .table else { return Output.print(.array(images.map(store.record))) }
        let now = Clock.now()
        var table = Table(["ID", "NAME", "SIZE", "IMPORT TIME", "LAST USED"])
        for image in images {
            table.add([
                full ? image.id.description : "sha256:\(image.id.hex.prefix(12))", image.name == image.id.description ? "" : image.name,
                Readable.bytes(image.size), Readable.age(of: image.importTime, at: now), Readable.age(of: store.lastUsed(image), at: now),
            ])
        }
        Output.print(table.text)
    }
}

struct ImageCatManifest: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "cat-manifest", abstract: "Print an image's configuration.")

    @Argument(help: "An image's id, a unique beginning of it, or a name.")
    var image: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let bytes = try store.config(of: store.images().image(named: image).id)
        let text = String(decoding: bytes, as: UTF8.self)
        guard output.format == .table, let document = try? JSON(parsing: bytes) else { return Output.print(text) }
        Output.print(document.serialized(pretty: true))
    }
}

struct ImageRemove: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove images with all their names.",
        discussion: "An image that an app uses loses its names now and is removed with the last such app. One that is not there is fine.")

    @Argument(help: "Ids, unique beginnings of them, or names.")
    var images: [String]

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        for image in images {
            if let id = try store.remove(image) {
                if output.format == .table { Output.print("removed \(id)") }
            } else {
                Output.error("rm: image \(image): is not in the store")
            }
        }
    }
}

struct ImageGarbage: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove images that have no name and are in no use, and layers of no image.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        for id in try globals.imageStore().collectGarbage() where output.format == .table { Output.print("removed \(id)") }
    }
}

struct ImageUsage: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Print what images and writable layers take of the disk.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let usage = try globals.imageStore().usage()
        guard output.format == .table else { return Output.print(usage) }
        var table = Table(["OF", "SIZE", "INODES", "AT"])
        for key in ["images", "containers"] {
            guard let row = usage[key] else { continue }
            table.add([
                key, Readable.bytes(row["used_bytes"]?.int64Value ?? 0), "\(row["inodes_used"]?.int64Value ?? 0)",
                row["mountpoint"]?.stringValue ?? "",
            ])
        }
        Output.print(table.text)
    }
}
