import ArgumentParser

struct PodCleanupCommand: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "pod-cleanup", abstract: "Undo what a pod without a supervisor left: processes, network, mounts.",
        discussion:
            "What a pod's unit calls when its main process has ended (ExecStopPost=). It assumes nothing and may be repeated."
    )

    @Argument(help: "The pod's UUID.")
    var uuid: String

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: CleanUpPod { CleanUpPod(context: globals.context(output), uuid: uuid) }
}
