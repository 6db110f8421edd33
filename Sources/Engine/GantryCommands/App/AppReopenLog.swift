import ArgumentParser

struct AppReopenLog: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen-log", abstract: "Go on in a new log file, after the old one was moved away.",
        discussion:
            "The app must run. No byte is lost or doubled; where no new file can be made, logging goes on in the old.")

    @OptionGroup var selection: AppSelection
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: ReopenAppLog { ReopenAppLog(context: globals.context(output), pod: selection.pod, app: selection.app) }
}
