import ArgumentParser

struct PodAbandon: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon", abstract: "Write down that the making of a pod was given up.",
        discussion:
            "For programs that are about to take a pod back: whatever interrupts them, its record says so (half_made). Nothing else is done."
    )

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: AbandonPod { AbandonPod(context: globals.context(output), pod: pod) }
}
