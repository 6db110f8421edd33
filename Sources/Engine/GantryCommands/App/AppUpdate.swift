import ArgumentParser

struct AppUpdate: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Give an app other limits.",
        discussion: """
            The app must be created or running. What is zero, empty or left out stays as it is. All of the limits are set, or none: a \
            failure leaves everything as it was.
            """)

    @OptionGroup var selection: AppSelection

    @Option(
        help: ArgumentHelp(
            "An app's configuration with nothing but resources in it, JSON; - is standard input.", valueName: "file"))
    var config: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: UpdateApp {
        UpdateApp(context: globals.context(output), pod: selection.pod, app: selection.app, config: config)
    }
}
