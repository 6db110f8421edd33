import ArgumentParser

struct AppAttach: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Listen to a running app, and write to it.",
        discussion: """
            Prints what the app's own process writes from now on; of neither --stdout nor --stderr, both. Its input must have been asked for \
            when it was added. Whoever leaves leaves it running.
            """)

    @OptionGroup var selection: AppSelection

    @Flag(help: "Write to its standard input.")
    var stdin = false

    @Flag(help: "Read its standard output.")
    var stdout = false

    @Flag(help: "Read its standard error.")
    var stderr = false

    @Flag(help: "It has a terminal: take its size from this one, and send its keys.")
    var tty = false

    @Option(
        help: ArgumentHelp("Hand the streams over on this socket (SOCK_SEQPACKET) and end.", valueName: "descriptor"))
    var session: Int32?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: AttachToApp {
        let isPlain = session == nil && !stdout && !stderr
        return AttachToApp(
            context: globals.context(output), pod: selection.pod, app: selection.app, stdin: stdin,
            stdout: stdout || isPlain, stderr: stderr || isPlain, tty: tty, socket: session)
    }
}
