import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct ImageFetchCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Fetch an image into the store.",
        discussion: "Prints the image's id. Nothing of an image is visible before all of it is there and verified.")

    @OptionGroup var arguments: FetchArguments
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let reportProgress = arguments.progress
        let fetch = ImageFetch(
            try ImageSource(arguments.source), into: store, options: try arguments.options(globals),
            progress: { if reportProgress { Output.errorRecord($0.line) } })
        let format = output.format
        InterruptibleTask.run {
            do throws(EngineError) {
                let image = try await fetch.run()
                for omitted in image.omitted.names {
                    Output.error("fetch: image \(image.name): has more \(omitted) than are kept: its record has none")
                }
                if format == .json { Output.print(store.record(of: image)) } else { Output.print(image.id.description) }
                return 0
            } catch {
                Self.report(error, format: format)
                return Self.failureCode
            }
        }
    }
}

extension FetchProgress {
    fileprivate var line: String {
        let fields: [String: JSON] = [
            "phase": .string(phase.rawValue), "bytes": .integer(bytes), "total_bytes": .integer(totalBytes),
            "layers": .integer(Int64(layers)), "total_layers": .integer(Int64(totalLayers)),
        ]
        return JSON.object(["progress": .object(fields)]).serialized()
    }
}
