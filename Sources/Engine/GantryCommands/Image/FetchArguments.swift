import ArgumentParser
import GantryCore
import GantryImages

extension FetchOptions.PullPolicy: ExpressibleByArgument {}

/// How `image fetch` and `fetch` are told what to do.
struct FetchArguments: ParsableArguments {
    @Argument(help: "docker://REFERENCE, oci:PATH[:NAME] or docker-archive:PATH[:REFERENCE].")
    var source: String

    @Option(
        help: "new: what is in the store is good enough; update: ask the registry; never: only look into the store.")
    var pullPolicy = FetchOptions.PullPolicy.new

    @Option(help: ArgumentHelp("Credentials, a file like containers' auth.json.", valueName: "file"))
    var authfile: String?

    @Option(help: ArgumentHelp("Whether to verify registries' certificates (true or false).", valueName: "bool"))
    var tlsVerify: Bool?

    @Option(help: ArgumentHelp("OS/ARCH or OS/ARCH/VARIANT. Default: the machine's own.", valueName: "platform"))
    var platform: String?

    @Option(help: ArgumentHelp("Give up when nothing arrives for so long. Default: 60s.", valueName: "duration"))
    var idleTimeout: DurationArgument?

    @Flag(help: "Print the whole id (it always is).")
    var full = false

    @Flag(help: "Print JSON lines about the progress on standard error.")
    var progress = false

    func options(_ globals: GlobalOptions) throws(EngineError) -> FetchOptions {
        var options = FetchOptions()
        options.pullPolicy = pullPolicy
        options.authFile = authfile
        options.verifyTLS = tlsVerify ?? !globals.skipsTLSVerification
        if let platform { options.platform = try ImagePlatform(parsing: platform) }
        if let idleTimeout, idleTimeout.nanoseconds > 0 { options.idleTimeout = idleTimeout.duration }
        return options
    }
}
