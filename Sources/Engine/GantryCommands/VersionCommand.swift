import ArgumentParser
import GantryCore
import JSON

struct VersionCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the versions of the engine and its protocol.")

    static let number = "0.1.0"

    @OptionGroup var globals: GlobalOptions
    @OptionGroup var output: FormatOption

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let features = EngineFeatures.names()
        let version = ControlProtocol.versions.upperBound
        guard output.format == .table else {
            return Output.print([
                "name": "gantry", "version": .string(Self.number), "protocol": .integer(version),
                "features": .array(features.map(JSON.string)),
            ])
        }
        Output.print("gantry Version: \(Self.number)")
        Output.print("Protocol: \(version)")
        Output.print("Features: \(features.joined(separator: " "))")
    }
}
