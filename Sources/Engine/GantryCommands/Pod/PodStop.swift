import ArgumentParser
import GantryCore
import JSON

struct PodStop: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop a pod: its apps, its network, its mounts.",
        discussion: "Returns when all is undone. What failed the last time is tried again. A stopped pod is fine.")

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Flag(help: "Kill the apps without grace.")
    var force = false

    @Option(
        help: ArgumentHelp("The grace before SIGKILL, for each app. Default: the app's own.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = globals.store
        let uuid = try store.resolve(pod)
        var request: [String: JSON] = ["op": "stop", "force": .bool(force)]
        if let timeout { request["timeout_ms"] = .integer(timeout.milliseconds) }
        do throws(EngineError) {
            let connection = try ControlClient.connect(runDir: globals.runDir, uuid: uuid)
            try connection.send(.object(request))
            _ = try ControlProtocol.unwrap(connection.receive().body)
            // All is undone now; the supervisor's own end follows, and closes the connection.
            _ = try? connection.receive()
        } catch {
            // Nobody there, or gone before it could answer: what is left to undo is undone here.
            guard error.code == .precondition || error.code == .unavailable, try !store.open(uuid).isAlive() else {
                throw error
            }
            try PodCleanup.run(store: store, uuid: uuid)
        }
        Output.print("\"\(uuid)\"")
    }
}
