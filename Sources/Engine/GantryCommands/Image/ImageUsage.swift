import ArgumentParser
import GantryCore
import JSON

struct ImageUsage: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Print what images and writable layers take of the disk.")

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let usage = try globals.imageStore().usage()
        guard output.format == .table else { return Output.print(usage) }
        var table = Table(["OF", "SIZE", "INODES", "AT"])
        for key in ["images", "containers"] {
            guard let row = usage[key] else { continue }
            table.add([
                key, Readable.bytes(row["used_bytes"]?.int64Value ?? 0), "\(row["inodes_used"]?.int64Value ?? 0)",
                row["mountpoint"]?.stringValue ?? "",
            ])
        }
        Output.print(table.text)
    }
}
