import ArgumentParser

struct PodRemove: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove stopped pods.",
        discussion: "A pod that is not there is fine; a running one is refused.")

    @Argument(help: "UUIDs or unique beginnings of them.")
    var pods: [String]

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: RemovePods { RemovePods(context: globals.context(output), pods: pods) }
}
