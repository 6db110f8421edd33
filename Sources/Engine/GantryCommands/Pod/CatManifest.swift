import ArgumentParser
import GantryCore
import JSON

struct CatManifest: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat-manifest", abstract: "Print a pod's stored configuration and those of its apps.")

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let pod = try globals.store.open(globals.store.resolve(pod))
        var apps: [JSON] = []
        for name in try pod.appNames() {
            if let manifest = try pod.readAppManifest(name) { apps.append(manifest.json) }
        }
        let document: JSON = ["pod": try pod.readConfig().json, "apps": .array(apps)]
        Output.printData(document.serialized(pretty: output.format == .table))
    }
}
