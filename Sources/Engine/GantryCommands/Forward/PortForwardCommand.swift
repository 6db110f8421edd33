import ArgumentParser

struct PortForwardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port-forward", abstract: "Bring ports of a pod to this host's loopback.",
        discussion: """
            Listens on 127.0.0.1, and on ::1 where there is one, and connects to the pod's own loopback. Ends with the pod, or when it is \
            interrupted.
            """)

    @Argument(help: "The pod's UUID or a unique beginning of it.")
    var pod: String

    @Argument(
        help: ArgumentHelp(
            "A port of the pod; LOCAL:PORT: under another number here; :PORT: under any that is free.",
            valueName: "port"))
    var ports: [ForwardedPort] = []

    @Option(
        help: ArgumentHelp(
            "For programs: hand connections over on this socket (SOCK_SEQPACKET).", valueName: "descriptor"))
    var session: Int32?

    @OptionGroup var output: FormatOption
    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard (session != nil) == ports.isEmpty else {
            throw ValidationError("ports, or a --session, must be given, and not both")
        }
    }

    func run() throws {
        let context = globals.context(output)
        let code =
            if let session {
                ServeConnections(context: context, pod: pod, socket: session).run()
            } else {
                ForwardPorts(context: context, pod: pod, ports: ports).run()
            }
        if code != 0 { throw ExitCode(code) }
    }
}
