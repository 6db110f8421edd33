import ArgumentParser
import ByteText
import Glibc
import JSON

struct Calls: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "Show what the daemon was asked, and what it answered.",
        discussion: """
            The last calls of the kubelet and of the gateway's clients, out of the daemon's memory: what changed something, failed or took
            long, and with --all what only asked, too. The steps are what the daemon did for a call. Asks the running daemon through its
            gateway, as root; Control-C ends --follow.
            """)

    @Flag(name: .shortAndLong, help: "Go on with the calls that end from now on.")
    var follow = false

    @Flag(help: "Only those that failed.")
    var failed = false

    @Option(help: ArgumentHelp("Only those that took so long: 500ms, 1s, 2m.", valueName: "time"))
    var slow: String?

    @Flag(name: .shortAndLong, help: "Also those that asked only, went well and were quick.")
    var all = false

    @Option(
        help: ArgumentHelp("Only those with this in their method, as RunPodSandbox or /v1/pods.", valueName: "text"))
    var method: String?

    @Option(
        help: ArgumentHelp(
            "Only those about what has this for its id's beginning, or in its name.", valueName: "id|name"))
    var object: String?

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("The newest so many.", valueName: "number"))
    var tail: UInt32?

    @OptionGroup var gateway: GatewayOption

    func run() throws {
        try atConsole {
            let client = try gateway.client()
            guard !follow else { return try watch(client) }
            let calls = try client.get("/v1/calls" + query)["calls"]?.arrayValue ?? []
            var table = TextTable(Self.headings)
            for call in calls { table.add(Self.row(call)) }
            print(table.text(), terminator: "")
        }
    }

    private func watch(_ client: GatewayClient) throws {
        print(Self.line(Self.headings))
        fflush(nil)
        try client.follow("/v1/calls/events" + query) { data in
            guard let call = try? JSON(parsing: data) else { return }
            // An event without a method tells of a gap.
            guard call["method"] != nil else { return print("… calls are missing here: more came than are kept") }
            print(Self.line(Self.row(call).map(\.forTerminal)))
            fflush(nil)
        }
    }

    private var query: String {
        var parts: [String] = []
        if failed { parts.append("failed=true") }
        if all { parts.append("all=true") }
        for (name, value) in [("slow", slow), ("method", method), ("object", object)] {
            if let value { parts.append("\(name)=\(PathText.escaped(value))") }
        }
        if let tail { parts.append("tail=\(tail)") }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    // MARK: Lines

    private static let headings = ["TIME", "METHOD", "OBJECT", "TOOK", "CODE", "STEPS", "ERROR"]
    /// Of all but the last column, when lines come one by one.
    private static let widths = [23, 24, 32, 7, 16, 40]

    private static func line(_ words: [String]) -> String {
        zip(words, widths + [0]).map { word, width in
            word + String(repeating: " ", count: max(0, width - word.count))
        }.joined(separator: "  ")
    }

    private static func row(_ call: JSON) -> [String] {
        func text(_ key: String) -> String { call[key]?.stringValue ?? "" }
        let isRunning = call["running"]?.boolValue == true
        let steps = (call["steps"]?.arrayValue ?? []).map { step in
            let code = step["code"]?.stringValue ?? ""
            return (step["name"]?.stringValue ?? "") + " " + duration(step["durationNanos"])
                + (code == "ok" ? "" : " \(code)")
        }
        return [
            ConsoleTime.text(call["startedAt"]?.stringValue.flatMap { Int64($0) } ?? 0), text("method"),
            object(text("object"), text("name")),
            duration(call["durationNanos"]), isRunning ? "running" : text("code"),
            steps.isEmpty ? "-" : steps.joined(separator: ", "), text("error"),
        ]
    }

    private static func object(_ id: String, _ name: String) -> String {
        let isID = id.utf8.count == 64 && id.isLowerHex
        let short = isID ? String(id.shortened(to: 12)) : id
        let both = [name, short].filter { !$0.isEmpty }.joined(separator: " ")
        return both.isEmpty ? "-" : both
    }

    /// `85us`, `1.2ms`, `340ms`, `12.3s`.
    private static func duration(_ json: JSON?) -> String {
        let nanoseconds = json?.stringValue.flatMap { Int64($0) } ?? 0
        if nanoseconds < 1_000_000 { return "\(nanoseconds / 1000)us" }
        func tenths(_ value: Int64, _ unit: String) -> String {
            value < 1000 ? "\(value / 10).\(value % 10)\(unit)" : "\(value / 10)\(unit)"
        }
        return nanoseconds < 1_000_000_000
            ? tenths(nanoseconds / 100_000, "ms") : tenths(nanoseconds / 100_000_000, "s")
    }
}
