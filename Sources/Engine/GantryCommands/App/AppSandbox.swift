import ArgumentParser

struct AppSandbox: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Make a pod without apps and run until it ends.",
        discussion: """
            The main process of a systemd service with Type=notify: it becomes the pod's supervisor. Flags win over the configuration.
            """)

    @Option(help: ArgumentHelp("The pod's UUID. Default: a random one.", valueName: "uuid"))
    var uuid: String?

    @Option(help: ArgumentHelp("Write the UUID into this file.", valueName: "file"))
    var uuidFileSave: String?

    @Option(help: ArgumentHelp("The pod's configuration, JSON; - is standard input.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The OCI runtime that makes the pod's containers. Default: the host's crun.", valueName: "path"))
    var ociRuntime: String?

    @OptionGroup(title: "rkt's flags") var flags: PodFlags
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var verb: LaunchSandbox {
        LaunchSandbox(
            context: globals.context(output), uuid: uuid, uuidFileSave: uuidFileSave, config: config,
            ociRuntime: ociRuntime, flags: flags.rkt)
    }
}
