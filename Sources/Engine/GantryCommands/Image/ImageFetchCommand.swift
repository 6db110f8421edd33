import ArgumentParser
import Dispatch
import GantryCore
import GantryImages
import Glibc
import JSON

extension FetchOptions.PullPolicy: ExpressibleByArgument {}

/// How `image fetch` and `fetch` are told what to do.
struct FetchArguments: ParsableArguments {
    @Argument(help: "docker://REFERENCE, oci:PATH[:NAME] or docker-archive:PATH[:REFERENCE].")
    var source: String

    @Option(help: "new: what is in the store is good enough; update: ask the registry; never: only look into the store.")
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

struct ImageFetchCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Fetch an image into the store.",
        discussion: "Prints the image's id. Nothing of an image is visible before all of it is there and verified.")

    @OptionGroup var arguments: FetchArguments
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        let store = try globals.imageStore()
        let reportProgress = arguments.progress
        let fetch = ImageFetch(
            try ImageSource(arguments.source), into: store, options: try arguments.options(globals),
            progress: { if reportProgress { Output.error($0.line) } })
        let format = output.format
        InterruptibleTask.run {
            do throws(EngineError) {
                let image = try await fetch.run()
                if format == .json { Output.print(store.record(of: image)) } else { Output.print(image.id.description) }
                return 0
            } catch {
                Self.report(error, format: format)
                return Self.failureCode
            }
        }
    }
}

/// rkt knows `fetch` under this name too.
struct ImageFetchAlias: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "fetch", abstract: "The same as image fetch.")

    @OptionGroup var arguments: FetchArguments
    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    var outputFormat: OutputFormat { output.format }

    func perform() throws(EngineError) {
        var command = ImageFetchCommand()
        command.arguments = arguments
        command.output = output
        command.globals = globals
        try command.perform()
    }
}

/// Runs one asynchronous task on the main thread until its end, which is the process's. SIGINT, SIGTERM and SIGHUP cancel it, so that it
/// leaves nothing behind.
enum InterruptibleTask {
    static func run(_ body: @escaping @MainActor @Sendable () async -> Int32) -> Never {
        let task = Task { @MainActor in exit(await body()) }
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.resume()
            sources.append(source)
        }
        withExtendedLifetime(sources) { dispatchMain() }
    }
}

extension FetchProgress {
    fileprivate var line: String {
        let fields: [String: JSON] = [
            "phase": .string(phase.rawValue), "bytes": .integer(bytes), "total_bytes": .integer(totalBytes),
            "layers": .integer(Int64(layers)), "total_layers": .integer(Int64(totalLayers)),
        ]
        return JSON.object(["progress": .object(fields)]).serialized()
    }
}
