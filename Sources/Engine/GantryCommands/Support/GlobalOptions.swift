import ByteText
import ArgumentParser
import GantryCore

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("State that survives a reboot: pods and images.", valueName: "directory"))
    var dir = "/var/lib/rktlet"

    @Option(
        help: ArgumentHelp("State that does not: sockets, namespaces, mounts, the events.", valueName: "directory"))
    var runDir = "/run/rktlet"

    @Flag(help: "More on standard error.")
    var debug = false

    @Option(
        help: ArgumentHelp(
            "As rkt's: 'image' or 'tls' switch off the verification of registries' certificates.", valueName: "list"))
    var insecureOptions = ""

    func validate() throws {
        for (name, path) in [("--dir", dir), ("--run-dir", runDir)] where !path.begins(with: "/") {
            throw ValidationError("\(name)=\(path): must be an absolute path")
        }
    }

    var store: PodStore { PodStore(dir: dir, runDir: runDir) }

    func context(_ output: FormatOption) -> EngineContext {
        EngineContext(dir: dir, runDir: runDir, format: output.format)
    }

    /// Whether certificates of registries are to be believed unseen.
    var skipsTLSVerification: Bool {
        insecureOptions.words(at: ",").contains { ["image", "tls", "all"].contains($0) }
    }
}

/// For commands that print records.
struct FormatOption: ParsableArguments {
    @Option(help: "How to print: table or json.")
    var format = OutputFormat.table
}
