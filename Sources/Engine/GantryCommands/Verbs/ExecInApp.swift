import GantryCore
import Glibc
import JSON

/// Runs a command in a running app.
struct ExecInApp: Verb, Equatable {
    static let title = "exec"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var app: String
    /// May begin with `--`.
    var command: [String]
    var tty = false
    /// Whose streams are handed to the caller instead of being this process's own.
    var session: ExecSession.Request?
    /// nil or 0: none.
    var timeout: DurationArgument?
    /// Bytes to keep of what is captured.
    var maxOutput = defaultMaxOutput

    /// What a CRI client takes in one message, less what its encoding needs.
    static let defaultMaxOutput = 16_711_680

    static let outputLimits = 0...(1 << 30)

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        var argv = command[...]
        if argv.first == "--" { argv = argv.dropFirst() }
        var request: [String: JSON] = [
            "op": "app-exec", "name": .string(try AppName(app).string), "argv": .array(argv.map(JSON.string)),
            "tty": .bool(tty),
        ]
        if let timeout, timeout.milliseconds > 0 { request["timeout_ms"] = .integer(timeout.milliseconds) }

        if let session {
            return try session.run(in: context, uuid, request, tty: tty)
        }
        let body = JSON.object(request)
        try ControlClient.negotiating(runDir: context.runDir, uuid: uuid) { (connection) throws(EngineError) in
            try run(body, connection)
        }
    }

    private func run(_ request: JSON, _ connection: ControlConnection) throws(EngineError) {
        if context.format == .json {
            return Output.print(try ExecCapture(connection, limit: maxOutput).run(request))
        }
        Glibc.exit(tty ? try ExecTerminal(connection).run(request) : try plain(connection, request))
    }

    /// The command has this process's own standard streams.
    private func plain(_ connection: ControlConnection, _ request: JSON) throws(EngineError) -> Int32 {
        try Self.exitCode(ExecRelay(connection).run(request))
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
