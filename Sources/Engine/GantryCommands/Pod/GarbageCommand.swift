import ArgumentParser
import GantryCore
import GantryImages
import JSON

struct GarbageCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Clean up after pods without a supervisor, and remove what was never finished or is used no more.",
        discussion:
            "A pod that has ended keeps its record, unless --grace-period is given and over. Of images only those go that were removed before, while an app used them."
    )

    @Option(help: ArgumentHelp("Remove pods that ended so long ago.", valueName: "duration"))
    var gracePeriod: DurationArgument?

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Flag(help: "Do nothing, and succeed, where another engine works in the directory.")
    var unlessAnothers = false

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        if unlessAnothers, let other = try globals.otherOwner() {
            return print(["nothing to do: \(globals.dir) is the engine \(other)'s"])
        }
        try globals.checkOwner()
        var lines: [String] = []
        var failure: EngineError?
        do throws(EngineError) {
            lines = try GarbageCollection.run(
                store: globals.store, gracePeriod: gracePeriod?.nanoseconds, dryRun: dryRun)
        } catch {
            // A pod that cannot be cleaned up is no reason to let images fill the disk.
            failure = error
        }
        do throws(EngineError) {
            if !dryRun { lines += try collectImages() }
        } catch {
            if let failure { Output.error("gc: \(failure.message)") }
            failure = error
        }
        print(lines)
        if let failure { throw failure }
    }

    private func print(_ lines: [String]) {
        guard output.format == .table else { return Output.print(["done": .array(lines.map(JSON.string))]) }
        for line in lines { Output.print(line) }
    }

    private func collectImages() throws(EngineError) -> [String] {
        let collected = try globals.imageStore().collectGarbage(nameless: false)
        collected.note(title: "gc")
        return collected.images.map { "removed image \($0)" }
    }
}
