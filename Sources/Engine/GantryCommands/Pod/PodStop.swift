import ArgumentParser

struct PodStop: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop a pod: its apps, its network, its mounts.",
        discussion: "Returns when all is undone. What failed the last time is tried again. A stopped pod is fine.")

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Flag(help: "Kill the apps without grace.")
    var force = false

    @Option(
        help: ArgumentHelp("The grace before SIGKILL, for each app. Default: the app's own.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: StopPod { StopPod(context: globals.context(output), pod: pod, force: force, timeout: timeout) }
}
