import ArgumentParser
import GantryCore
import JSON

struct VersionCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of the engine and its protocol.")

    static let number = "0.1.0"

    @Option(
        help: ArgumentHelp("Tell what can be done with this OCI runtime instead of the host's crun.", valueName: "path")
    )
    var ociRuntime: String?

    @OptionGroup var globals: GlobalOptions
    @OptionGroup var output: FormatOption

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let runtime =
            if let ociRuntime { try RuntimeDescription(asking: ociRuntime) } else { EngineFeatures.usualRuntime() }
        let features = EngineFeatures.names(runtime)
        let version = ControlProtocol.versions.upperBound
        guard output.format == .table else {
            var document: [String: JSON] = [
                "name": "gantry", "version": .string(Self.number), "protocol": .integer(version),
                "features": .array(features.map(JSON.string)),
            ]
            if let runtime {
                document["oci_runtime"] = ["name": .string(runtime.name), "version": .string(runtime.version)]
            }
            return Output.print(.object(document))
        }
        Output.print("gantry Version: \(Self.number)")
        Output.print("Protocol: \(version)")
        if let runtime { Output.print("Runtime: \(runtime.name) \(runtime.version)") }
        Output.print("Features: \(features.joined(separator: " "))")
    }
}
