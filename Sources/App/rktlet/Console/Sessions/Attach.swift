import ArgumentParser
import Daemon
import Glibc
import JSON

struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Join what a running container reads and writes.",
        usage: "rktlet attach [-i] CONTAINER",
        discussion: """
            From now on: what it wrote before is in its log. With -i our input is its input, and our terminal raw where it has one; Control-P
            Control-Q leaves it then. The container runs on when this ends.
            """)

    @Flag(name: [.customShort("i"), .customLong("stdin")], help: "Give it our standard input.")
    var input = false

    @OptionGroup var gateway: GatewayOption

    @Argument(help: ArgumentHelp("The container.", valueName: "container"))
    var container: String

    func run() throws {
        var code: Int32 = 0
        try atConsole {
            let client = try gateway.client()
            let id = try NamedObjects(client: client).container(container)
            let hasTerminal = try Self.hasTerminal(client, id)
            let hasInput = input
            var request = JSONText()
            request.object { json in
                json.member("stdin", hasInput)
                json.member("stdout", true)
                json.member("stderr", !hasTerminal)
                json.member("tty", hasTerminal)
            }
            let socket = try client.session("/v1/containers/\(id)/sessions/attach", request.take())
            let isRaw = hasTerminal && hasInput && isatty(0) == 1
            code = try SessionTerminal.relay(
                socket, raw: isRaw, input: hasInput, canLeave: isRaw, object: "container \(container)")
        }
        if code != 0 { throw ExitCode(code) }
    }

    private static func hasTerminal(_ client: GatewayClient, _ id: String) throws -> Bool {
        let text = try client.get("/v1/containers/\(id)?verbose=true")["info"]?["info"]?.stringValue ?? ""
        return (try? JSON(parsing: Array(text.utf8)))?["tty"]?.boolValue ?? false
    }
}
