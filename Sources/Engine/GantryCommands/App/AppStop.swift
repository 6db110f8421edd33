import ArgumentParser

struct AppStop: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop an app: signal, grace, SIGKILL.",
        discussion: "Returns when the exit is recorded. An app that has stopped already is fine.")

    @OptionGroup var selection: AppSelection

    @Option(
        help: ArgumentHelp(
            "The signal to begin with, as SIGTERM, TERM or 15. Default: the app's own.", valueName: "signal"))
    var signal: String?

    @Option(
        help: ArgumentHelp("The grace before SIGKILL; 0s kills at once. Default: the app's own.", valueName: "duration")
    )
    var timeout: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: StopApp {
        StopApp(
            context: globals.context(output), pod: selection.pod, app: selection.app, signal: signal, timeout: timeout)
    }
}
