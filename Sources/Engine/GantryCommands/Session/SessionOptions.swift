import ArgumentParser

/// For programs that keep the streams of a command to themselves.
struct SessionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Hand the streams over on this socket (SOCK_SEQPACKET) and end.", valueName: "descriptor"))
    var session: Int32?

    @Flag(help: "The session has standard input.")
    var stdin = false

    @Flag(help: "The session has standard output.")
    var stdout = false

    @Flag(help: "The session has standard error.")
    var stderr = false

    @Option(help: ArgumentHelp("The terminal's size from the start.", valueName: "columnsxrows"))
    var size: TerminalSize?

    func validate() throws {
        guard session != nil || !(stdin || stdout || stderr || size != nil) else {
            throw ValidationError("--stdin, --stdout, --stderr and --size need a --session")
        }
    }

    var request: ExecSession.Request? {
        session.map { ExecSession.Request(socket: $0, stdin: stdin, stdout: stdout, stderr: stderr, size: size) }
    }
}

extension TerminalSize: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

/// The same from plain arguments.
struct SessionArguments {
    let request: ExecSession.Request?

    /// nil for what is left to ArgumentParser to refuse.
    init?(_ plain: PlainArguments) {
        let streams = ["stdin", "stdout", "stderr"].map(plain.flags.contains)
        guard let session = plain.options["session"] else {
            guard !streams.contains(true), plain.options["size"] == nil else { return nil }
            request = nil
            return
        }
        guard let socket = Int32(digits: session) else { return nil }
        var request = ExecSession.Request(
            socket: socket, stdin: streams[0], stdout: streams[1], stderr: streams[2])
        if let text = plain.options["size"] {
            guard let size = TerminalSize(text) else { return nil }
            request.size = size
        }
        self.request = request
    }
}
