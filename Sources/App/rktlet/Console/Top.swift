import ByteText
import ArgumentParser
import Glibc
import JSON

struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch what the node's containers use.",
        discussion: """
            Asks the running daemon through its gateway, as root, and waits for one that restarts. Control-C ends it.
            """)

    @Flag(help: "Print once and end, for scripts.")
    var once = false

    @Option(help: ArgumentHelp("Seconds between two readings.", valueName: "seconds"))
    var interval: UInt32 = 2

    @Option(help: ArgumentHelp("The order: cpu or memory.", valueName: "column"))
    var sort: Order = .cpu

    enum Order: String, ExpressibleByArgument { case cpu, memory }

    @OptionGroup var gateway: GatewayOption

    func validate() throws {
        guard (1...3600).contains(interval) else { throw ValidationError("--interval must be 1 to 3600 seconds") }
    }

    func run() throws {
        try atConsole {
            let client = try gateway.client()
            // A rate needs two readings.
            _ = try client.get("/v1/stats")
            sleep(1)
            if once { return print(try page(client), terminator: "") }
            try watch(client)
        }
    }

    /// Goes on over what passes, a restart of the daemon for one: who never had an answer is told so at once, who had one waits for the next.
    private func watch(_ client: GatewayClient) throws {
        var last = ""
        var silentSince: Int?
        while true {
            do {
                last = try page(client)
                silentSince = nil
                show(last)
                sleep(interval)
            } catch let error as ConsoleError where error.mayPass {
                let now = Glibc.time(nil)
                let since = silentSince ?? now
                silentSince = since
                show(
                    """
                    Waiting for the daemon, for \(now - since) s so far: \("\(error)".forTerminal)
                    What follows is from before.

                    \(last)
                    """)
                sleep(1)
            }
        }
    }

    private func show(_ text: String) {
        var lines = text.pieces(at: "\n")
        if let window = Self.window() {
            lines = lines.prefix(max(3, window.lines - 1)).map { $0.prefix(window.columns) }
        }
        // Home, then the new text, then what was below it away: nothing flickers.
        print("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[J", terminator: "")
        fflush(nil)
    }

    private func page(_ client: GatewayClient) throws -> String {
        let view = try NodeView(client)
        let names = Dictionary(view.rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var uses: [(row: NodeView.Row, cpu: UInt64?, memory: UInt64?)] = []
        for stat in try client.get("/v1/stats")["stats"]?.arrayValue ?? [] {
            guard let row = stat["attributes"]?["id"]?.stringValue.flatMap({ names[$0] }) else { continue }
            uses.append(
                (row, Self.number(stat["cpu"]?["usageNanoCores"]), Self.number(stat["memory"]?["workingSetBytes"])))
        }
        uses.sort { a, b in
            sort == .cpu ? (a.cpu ?? 0, a.memory ?? 0) > (b.cpu ?? 0, b.memory ?? 0) : (a.memory ?? 0) > (b.memory ?? 0)
        }
        var table = TextTable(["CPU", "MEMORY", "RESTARTS", "AGE", "POD", "CONTAINER", "ID"])
        for use in uses {
            table.add([
                use.cpu.map { "\($0 / 1_000_000)m" } ?? "-", use.memory.map(Self.bytes) ?? "-", use.row.restarts,
                NodeView.age(use.row.since), "\(use.row.namespace)/\(use.row.pod)", use.row.container,
                String(use.row.id.shortened(to: 12)),
            ])
        }
        let cpu = uses.reduce(0) { $0 + ($1.cpu ?? 0) } / 1_000_000
        let memory = uses.reduce(0) { $0 + ($1.memory ?? 0) }
        let summary =
            "\(view.podCount) pods, \(view.runningCount) running containers, \(cpu)m CPU, \(Self.bytes(memory))\n\n"
        return summary + table.text()
    }

    private static func number(_ json: JSON?) -> UInt64? { json?["value"]?.stringValue.flatMap { UInt64($0) } }

    /// `512 KiB`, `37.5 MiB`.
    private static func bytes(_ count: UInt64) -> String {
        var (value, unit) = (Double(count), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        let tenths = Int((value * 10).rounded())
        return unit == 0 || tenths >= 1000
            ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// Nil when nobody looks.
    private static func window() -> (lines: Int, columns: Int)? {
        var size = winsize()
        guard isatty(1) == 1, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_row), Int(size.ws_col))
    }
}
