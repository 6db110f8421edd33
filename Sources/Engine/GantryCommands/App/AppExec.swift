import ArgumentParser

struct AppExec: VerbCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a running app.",
        discussion: """
            With the app's own user, capabilities, seccomp filter, cgroup, environment and working directory. The exit code is the \
            command's. With --format=json its output is captured instead. With --session its streams are handed to the caller, and this \
            command ends as soon as the other has begun.
            """)

    @Option(help: ArgumentHelp("The app's name.", valueName: "name"))
    var app: String

    @Flag(help: "Give the command a terminal.")
    var tty = false

    @Option(help: ArgumentHelp("Kill the command and all it started after so long; 0s: never.", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Of captured output, keep so much.", valueName: "bytes"))
    var maxOutput = ExecInApp.defaultMaxOutput

    @OptionGroup(title: "Sessions") var session: SessionOptions
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    @Argument(parsing: .captureForPassthrough, help: "The pod, the command and its arguments.")
    var podAndCommand: [String]

    func validate() throws {
        guard ExecInApp.outputLimits.contains(maxOutput) else {
            throw ValidationError("--max-output must be between 0 and 1 GiB")
        }
        guard session.session != nil || !(tty && output.format == .json) else {
            throw ValidationError("--tty and --format=json exclude each other")
        }
        guard podAndCommand.count > (podAndCommand.dropFirst().first == "--" ? 2 : 1) else {
            throw ValidationError("a pod and a command are needed")
        }
    }

    var verb: ExecInApp {
        var verb = ExecInApp(
            context: globals.context(output), pod: podAndCommand[0], app: app,
            command: Array(podAndCommand.dropFirst()), tty: tty,
            timeout: timeout, maxOutput: maxOutput)
        verb.session = session.request
        return verb
    }
}
