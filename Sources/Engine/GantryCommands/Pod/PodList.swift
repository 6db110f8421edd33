import ArgumentParser
import GantryCore
import JSON

struct PodList: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all pods with their apps.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let pods = try globals.store.list()
        guard output.format == .table else { return Output.print(.array(pods.map(\.json))) }
        let now = Clock.now()
        var table = Table(["UUID", "APP", "APP STATE", "POD STATE", "CREATED", "IP"])
        for pod in pods {
            let start = [
                pod.uuid.string, "", "", pod.state.rawValue, Readable.age(of: pod.createdAt, at: now),
                pod.ips.joined(separator: ","),
            ]
            guard let first = pod.apps.first else {
                table.add(start)
                continue
            }
            table.add([start[0], first.name.string, first.state.rawValue] + start[3...])
            for app in pod.apps.dropFirst() { table.add(["", app.name.string, app.state.rawValue, "", "", ""]) }
        }
        Output.print(table.text)
    }
}
