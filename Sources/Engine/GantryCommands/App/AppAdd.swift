import ArgumentParser

struct AppAdd: VerbCommand {
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

    @Option(
        help: ArgumentHelp(
            "An archive that app checkpoint has written: the app goes on from there when it is started.",
            valueName: "file"))
    var checkpoint: String?

    @OptionGroup(title: "rkt's flags") var flags: AppFlags

    @Argument(parsing: .postTerminator, help: "Arguments of the command.")
    var arguments: [String] = []

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: AddApp {
        AddApp(
            context: globals.context(output), pod: pod, image: image, name: name, config: config,
            checkpoint: checkpoint,
            flags: flags.rkt(arguments: arguments.last == "---" ? arguments.dropLast() : arguments))
    }
}
