import ArgumentParser

struct EventsCommand: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happens to pods, apps and images, as JSON lines.",
        discussion: "Begins with a snapshot, or after --since with what happened since then.")

    @Option(help: ArgumentHelp("Begin after this event; needs --boot.", valueName: "number"))
    var since: UInt64?

    @Option(help: ArgumentHelp("The boot that --since belongs to, as events name it.", valueName: "id"))
    var boot: String?

    @Option(help: ArgumentHelp("Whether to go on until interrupted (true or false).", valueName: "bool"))
    var follow = true

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard (since == nil) == (boot == nil) else { throw ValidationError("--since and --boot belong together") }
    }

    var verb: FollowEvents {
        let position = since.flatMap { since in boot.map { FollowEvents.Position(sequence: since, boot: $0) } }
        return FollowEvents(
            context: EngineContext(dir: globals.dir, runDir: globals.runDir), since: position, follow: follow)
    }
}
