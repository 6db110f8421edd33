import ArgumentParser
import Daemon
import Glibc
import JSON

struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a running container.",
        usage: "rktlet exec [-i] [-t] CONTAINER [--] COMMAND [ARGUMENT ...]",
        discussion: """
            The container is given by its id or the beginning of it, its name, POD/NAME, or the name of a pod that has one container running. The
            exit code is the command's; 1 also stands for what went wrong here, with a line that says what. The command ends when this does.
            """)

    @Flag(name: [.customShort("i"), .customLong("stdin")], help: "Give it our standard input.")
    var input = false

    @Flag(name: .shortAndLong, help: "Give it a terminal; with -i.")
    var tty = false

    @OptionGroup var gateway: GatewayOption

    @Argument(help: ArgumentHelp("The container.", valueName: "container"))
    var container: String

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The command.", valueName: "command"))
    var command: [String] = []

    func run() throws {
        var code: Int32 = 0
        try atConsole {
            var words = command[...]
            if words.first == "--" { words = words.dropFirst() }
            guard !words.isEmpty else { throw ConsoleError("a command to run in \(container) is missing") }
            let client = try gateway.client()
            let id = try NamedObjects(client: client).container(container)
            let isTerminal = SessionTerminal.isWanted(tty, input: input)
            let (hasInput, command) = (input, Array(words))
            var request = JSONText()
            request.object { json in
                json.member("cmd", command)
                json.member("stdin", hasInput)
                json.member("stdout", true)
                json.member("stderr", !isTerminal)
                json.member("tty", isTerminal)
            }
            let socket = try client.session("/v1/containers/\(id)/sessions/exec", request.take())
            code = try SessionTerminal.relay(socket, raw: isTerminal, input: hasInput, object: "container \(container)")
        }
        if code != 0 { throw ExitCode(code) }
    }
}
