import ArgumentParser
import GantryCore

/// What `rkt app add` is told by flags.
struct AppFlags: ParsableArguments {
    @Option(help: ArgumentHelp("NAME=VALUE; may be repeated.", valueName: "variable"))
    var environment: [String] = []

    @Option(help: ArgumentHelp("The command, instead of the image's.", valueName: "command"))
    var exec: String?

    @Option(help: ArgumentHelp("The working directory.", valueName: "directory"))
    var workingDir: String?

    @Option(help: ArgumentHelp("A user's name or id.", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("A group's name or id; needs --user.", valueName: "group"))
    var group: String?

    @Option(help: ArgumentHelp("Ids of supplementary groups, with commas.", valueName: "ids"))
    var supplementaryGids: String?

    @Option(help: ArgumentHelp("Only these capabilities, with commas.", valueName: "names"))
    var capsRetain: String?

    @Option(help: ArgumentHelp("All the usual capabilities but these, with commas.", valueName: "names"))
    var capsRemove: String?

    @Option(
        help: ArgumentHelp(
            "mode=retain,@docker/default-whitelist or mode=remove,@rkt/default-blacklist: the default profile; mode=retain,@appc.io/all: none.",
            valueName: "filter"))
    var seccomp: String?

    @Option(help: ArgumentHelp("Whether the root file system is read-only (true or false).", valueName: "bool"))
    var readonlyRootfs: Bool?

    @Option(help: ArgumentHelp("Processors, as 500m or 2.", valueName: "quantity"))
    var cpu: String?

    @Option(help: ArgumentHelp("Relative weight of the processor.", valueName: "shares"))
    var cpuShares: Int64?

    @Option(help: ArgumentHelp("Memory, as 64M.", valueName: "quantity"))
    var memory: String?

    @Option(help: ArgumentHelp("How soon the kernel kills it when memory is short.", valueName: "score"))
    var oomScoreAdj: Int64?

    @Option(
        help: ArgumentHelp(
            "name=N,kind=host|empty,source=PATH,target=PATH,readOnly=BOOL; may be repeated.", valueName: "volume"))
    var mntVolume: [String] = []

    @Option(help: ArgumentHelp("null, interactive, stream or tty.", valueName: "mode"))
    var stdin: String?

    @Option(help: ArgumentHelp("null, log, interactive, stream or tty.", valueName: "mode"))
    var stdout: String?

    @Option(help: ArgumentHelp("null, log, interactive, stream or tty.", valueName: "mode"))
    var stderr: String?

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "annotation"))
    var annotation: [String] = []

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "annotation"))
    var userAnnotation: [String] = []

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "label"))
    var userLabel: [String] = []

    /// - Parameter arguments: what followed `--`, without the `---` that may end it.
    func rkt(arguments: [String]) -> RktAppFlags {
        var flags = RktAppFlags()
        flags.environment = environment
        flags.exec = exec
        flags.args = arguments
        flags.workingDir = workingDir
        flags.user = user
        flags.group = group
        flags.supplementaryGids = supplementaryGids
        flags.capsRetain = capsRetain
        flags.capsRemove = capsRemove
        flags.seccomp = seccomp
        flags.readonlyRootfs = readonlyRootfs
        flags.cpu = cpu
        flags.cpuShares = cpuShares
        flags.memory = memory
        flags.oomScoreAdj = oomScoreAdj
        flags.mountVolumes = mntVolume
        flags.stdin = stdin
        flags.stdout = stdout
        flags.stderr = stderr
        flags.annotations = annotation
        flags.userAnnotations = userAnnotation
        flags.userLabels = userLabel
        return flags
    }
}
