import ArgumentParser
import ByteText

struct PS: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the node's pods and containers.",
        discussion: "Asks the running daemon through its gateway, as root.")

    @Flag(name: [.customShort("r"), .long], help: "Only containers that run.")
    var running = false

    @Flag(name: [.customShort("q"), .long], help: "Only the ids of containers.")
    var quiet = false

    @OptionGroup var gateway: GatewayOption

    func run() throws {
        try atConsole {
            let rows = try NodeView(try gateway.client()).rows.filter { !running || $0.state == "running" }
            if quiet {
                for row in rows where row.container != "-" { print(row.id.forTerminal) }
                return
            }
            var table = TextTable(["POD", "NAMESPACE", "CONTAINER", "STATE", "RESTARTS", "AGE", "ID", "IMAGE"])
            for row in rows {
                table.add([
                    row.pod, row.namespace, row.container, row.state, row.restarts, NodeView.age(row.since),
                    String(row.id.shortened(to: 12)), row.image,
                ])
            }
            print(table.text(), terminator: "")
        }
    }
}
