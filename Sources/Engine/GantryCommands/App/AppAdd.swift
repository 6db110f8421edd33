import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct AppAdd: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an app to a running pod.",
        discussion: """
            Makes the container without starting it. The image must have been fetched before: nothing is ever pulled here. Flags win over \
            the configuration; arguments of the command follow --, and may end with ---.
            """)

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Argument(help: "An image's id, a unique beginning of it, or a name it was fetched by.")
    var image: String

    @Option(help: ArgumentHelp("The app's name: lower-case letters, digits, dashes.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The app's configuration, JSON; - is standard input.", valueName: "file"))
    var config: String?

    @OptionGroup(title: "rkt's flags") var flags: AppFlags

    @Argument(parsing: .postTerminator, help: "Arguments of the command.")
    var arguments: [String] = []

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(pod)
        let name = try AppName(name)
        var config = if let config { try AppConfig(json: ConfigInput.read(config)) } else { AppConfig() }
        try flags.rkt(arguments: arguments.last == "---" ? arguments.dropLast() : arguments).apply(to: &config)

        // Held until the supervisor has written down which layers the app uses.
        let lease = try ImageLease(ImageStore(dataDirectory: globals.dir))
        var images: [String: JSON] = [:]
        for mount in config.mounts where !mount.image.isEmpty {
            images[mount.image] = try lease.resolve(mount.image).json
        }
        let request: JSON = [
            "op": "app-add", "name": .string(name.string), "config": config.json,
            "image": try lease.resolve(image).json,
            "imageMounts": .object(images),
        ]
        try callForApp(uuid, request)
        lease.release()
    }
}
