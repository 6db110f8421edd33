import ArgumentParser

struct PodStatus: VerbCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Print one pod.")

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Option(help: ArgumentHelp("Wait so long until the pod is ready, or has ended.", valueName: "duration"))
    var waitReady: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: ShowPod { ShowPod(context: globals.context(output), pod: pod, waitReady: waitReady) }
}
