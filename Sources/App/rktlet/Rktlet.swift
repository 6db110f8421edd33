import ArgumentParser
import ByteText
import Daemon
import Glibc

/// The command line of the daemon.
@main
struct Rktlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rktlet",
        abstract: "A container runtime for Kubernetes nodes, on systemd and an rkt-style pod engine.",
        version: "rktlet \(ProjectVersion.current)",
        subcommands: [
            Serve.self, PS.self, Top.self, Exec.self, Attach.self, PortForward.self, PodStory.self, Calls.self,
            Doctor.self,
            VersionCommand.self,
        ])

    static func main() async {
        StandardStreams.reserve()
        if let refusal = ProgramArguments.refusal {
            StandardError.write(refusal)
            Glibc.exit(EX_USAGE)
        }
        await main(nil)
    }
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("rktlet \(ProjectVersion.current)") }
}
