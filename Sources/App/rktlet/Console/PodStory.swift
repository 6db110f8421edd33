import ArgumentParser
import ByteText
import JSON

struct PodStory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "story", abstract: "Tell a pod's life, from the kubelet's request to now or to its end.",
        discussion: """
            One timeline: the calls about the pod and its containers, what its supervisor did and saw (starts, exits, kills for want of memory,
            probes that took too long), and what systemd said of its unit. From the system journal and the engine's record: also after a restart
            of the daemon, and of a pod that is gone, for as long as the journal has it. Asks the running daemon through its gateway, as root.
            """)

    @OptionGroup var gateway: GatewayOption

    @Flag(help: "Only what went wrong.")
    var problems = false

    @Argument(
        help: ArgumentHelp(
            "Its id or the beginning of it, its name, or NAMESPACE/NAME; one that is gone has no short name.",
            valueName: "pod"))
    var pod: String

    func run() throws {
        try atConsole {
            let client = try gateway.client()
            let id = try NamedObjects(client: client).podOrText(pod)
            let story = try client.get("/v1/pods/\(PathText.escaped(id))/story")
            for line in Self.lines(story, problems: problems) { print(line) }
        }
    }

    static func lines(_ story: JSON, problems: Bool) -> [String] {
        func text(_ json: JSON?, _ key: String) -> String { (json?[key]?.stringValue ?? "").forTerminal }
        let name = text(story, "name")
        var lines = ["\(name.isEmpty ? "pod" : name) \(text(story, "id").shortened(to: 12)): \(text(story, "summary"))"]
        if !text(story, "gap").isEmpty { lines.append("only the engine's record is told: \(text(story, "gap"))") }
        if story["cut"]?.boolValue == true { lines.append("… there was more before this") }
        for entry in story["entries"]?.arrayValue ?? [] {
            let isProblem = entry["problem"]?.boolValue == true
            if problems, !isProblem { continue }
            let at = ConsoleTime.text(entry["at"]?.stringValue.flatMap { Int64($0) } ?? 0)
            let source = text(entry, "source")
            let gap = String(repeating: " ", count: max(1, 8 - source.utf8.count))
            lines.append("\(at) \(isProblem ? "!" : " ") \(source)\(gap)\(text(entry, "text"))")
        }
        return lines
    }
}
