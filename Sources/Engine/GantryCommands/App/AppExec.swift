import ArgumentParser
import GantryCore
import Glibc
import JSON

struct AppExec: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a running app.",
        discussion: """
            With the app's own user, capabilities, seccomp filter, cgroup, environment and working directory. The exit code is the \
            command's. With --format=json its output is captured instead.
            """)

    @Option(help: ArgumentHelp("The app's name.", valueName: "name"))
    var app: String

    @Flag(help: "Give the command a terminal.")
    var tty = false

    @Option(help: ArgumentHelp("Kill the command and all it started after so long; 0s: never.", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Of captured output, keep so much.", valueName: "bytes"))
    var maxOutput = 16_711_680

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "The pod, the command and its arguments.")
    var podAndCommand: [String]

    var outputFormat: OutputFormat { output.format }

    func validate() throws {
        guard maxOutput >= 0, maxOutput <= 1 << 30 else {
            throw ValidationError("--max-output must be between 0 and 1 GiB")
        }
        guard !(tty && output.format == .json) else {
            throw ValidationError("--tty and --format=json exclude each other")
        }
        guard podAndCommand.count > (podAndCommand.dropFirst().first == "--" ? 2 : 1) else {
            throw ValidationError("a pod and a command are needed")
        }
    }

    func perform() throws(EngineError) {
        let uuid = try globals.store.resolve(podAndCommand[0])
        var argv = podAndCommand.dropFirst()
        if argv.first == "--" { argv = argv.dropFirst() }
        var request: [String: JSON] = [
            "op": "app-exec", "name": .string(try AppName(app).string), "argv": .array(argv.map(JSON.string)),
            "tty": .bool(tty),
        ]
        if let timeout, timeout.milliseconds > 0 { request["timeout_ms"] = .integer(timeout.milliseconds) }

        let connection = try ControlClient.connect(runDir: globals.runDir, uuid: uuid)
        if output.format == .json {
            return Output.print(try ExecCapture(connection, limit: maxOutput).run(.object(request)))
        }
        let code = tty ? try ExecTerminal(connection).run(.object(request)) : try plain(connection, .object(request))
        Glibc.exit(code)
    }

    /// The command has this process's own standard streams.
    private func plain(_ connection: ControlConnection, _ request: JSON) throws(EngineError) -> Int32 {
        try connection.send(request, descriptors: [0, 1, 2])
        return try Self.exitCode(ControlProtocol.unwrap(connection.receive().body))
    }

    /// 124, as timeout(1) has it, for a command that ran out of time.
    static func exitCode(_ answer: JSON) throws(EngineError) -> Int32 {
        if answer["timed_out"]?.boolValue == true { return 124 }
        guard let code = answer["exit_code"]?.int64Value else {
            throw EngineError(.internal, "the supervisor answered without an exit code")
        }
        return Int32(truncatingIfNeeded: code)
    }
}
