import ArgumentParser

struct EventsCommand: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happens to pods, apps and images, as JSON lines.",
        discussion: """
            Begins with a snapshot, or after --since with what happened since then. The position to begin after is one JSON object: the "at" of \
            all lines that were read, from the last snapshot on, put together; null takes a member away.
            """)

    @Option(
        help: ArgumentHelp(
            "Begin after this position: a file (with a / in its name), or - for standard input.", valueName: "file"))
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Says that --since is a number of an older engine; a gap and a snapshot follow.", valueName: "id"))
    var boot: String?

    @Option(help: ArgumentHelp("Whether to go on until interrupted (true or false).", valueName: "bool"))
    var follow = true

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard FollowEvents.isBeginning(since: since, boot: boot) else {
            throw ValidationError(
                "--since is - or a file with a / in its name; a number needs the --boot that it belongs to")
        }
    }

    var verb: FollowEvents {
        FollowEvents(
            context: EngineContext(dir: globals.dir, runDir: globals.runDir), since: since, boot: boot, follow: follow)
    }
}
