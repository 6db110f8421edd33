import ArgumentParser

struct AppCheckpoint: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Write a running app's processes and files into an archive.",
        discussion: """
            The app goes on afterwards. It takes an OCI runtime that can checkpoint, and criu. The archive is root's alone and has all \
            that its processes have in memory, secrets among it; a file that is there already is replaced. An app is made of it anew by \
            app add --checkpoint.
            """)

    @OptionGroup var selection: AppSelection

    @Option(help: ArgumentHelp("Where to write it: an absolute path.", valueName: "file"))
    var archive: String

    @Option(help: ArgumentHelp("How long it may take: two minutes, if nothing is said.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: CheckpointApp {
        CheckpointApp(
            context: globals.context(output), pod: selection.pod, app: selection.app, archive: archive, timeout: timeout
        )
    }
}
