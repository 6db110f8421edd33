import ArgumentParser

struct AppStart: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start an app that was added and not started yet.",
        discussion: "A command that cannot be started leaves an exited app: code 128, reason StartError.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: StartApp { StartApp(context: globals.context(output), pod: selection.pod, app: selection.app) }
}
