import ArgumentParser
import GantryCore

struct PodRemove: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove stopped pods.",
        discussion: "A pod that is not there is fine; a running one is refused.")

    @Argument(help: "UUIDs or unique beginnings of them.")
    var pods: [String]

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        try EachOperand.run(pods, title: "rm") { (pod) throws(EngineError) in try remove(pod) }
    }

    private func remove(_ name: String) throws(EngineError) {
        let store = globals.store
        let uuid: PodUUID
        do throws(EngineError) {
            uuid = try store.resolve(name)
        } catch {
            guard error.code == .notFound else { throw error }
            return Output.error("rm: \(error.message)")
        }
        guard try !store.open(uuid).isAlive() else {
            throw EngineError(.precondition, "pod \(uuid): is running; stop it first: gantry stop \(uuid)")
        }
        try PodCleanup.run(store: store, uuid: uuid)
        if try store.discard(uuid) { try EventLog(runDir: globals.runDir).append(.podRemoved(uuid)) }
        if output.format == .table { Output.print("\"\(uuid)\"") }
    }
}
