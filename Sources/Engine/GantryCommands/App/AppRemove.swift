import ArgumentParser

struct AppRemove: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove an app, killing what runs of it.",
        discussion: "Works on a dead pod too. An app that is not there is fine.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: RemoveApp { RemoveApp(context: globals.context(output), pod: selection.pod, app: selection.app) }
}
