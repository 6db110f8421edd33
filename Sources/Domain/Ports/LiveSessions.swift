/// Sessions with a person at their other end: what `Exec`, `Attach` and `PortForward` of the CRI lead to.
///
/// Bytes do not pass through here: a session is opened, and whoever opened it has descriptors to read from and to write to.
package protocol LiveSessions: Sendable {
    /// Runs a command with the container's own user, groups, capabilities, seccomp, cgroup, environment and working directory.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the container runs, `invalidArgument` for a command that cannot be started.
    func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession

    /// Joins what the container's own process reads and writes, from now on: what it wrote before is not repeated.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the container runs.
    func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession

    /// A way into the pod's network namespace (the host's, for a pod on the host's network).
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the pod is ready.
    func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding
}

/// Which streams a session has.
package struct SessionStreams: Hashable, Sendable {
    package var stdin: Bool
    package var stdout: Bool
    /// Never together with a terminal, which has one output.
    package var stderr: Bool
    package var terminal: Terminal
    package init(stdin: Bool, stdout: Bool, stderr: Bool, terminal: Terminal = .none) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.terminal = terminal
    }

    package enum Terminal: Hashable, Sendable {
        case none
        /// With its size before the command begins, where the client told it in time.
        case sized(TerminalSize?)
    }
}

/// In cells of text.
package struct TerminalSize: Hashable, Sendable {
    package var columns: UInt16
    package var rows: UInt16
    package init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }
}

/// One session that was opened: a command that runs, or a container that is listened to.
package protocol LiveSession: Sendable {
    /// The ends that are ours. Whoever opened the session owns them, and closes each once.
    var ends: SessionEnds { get }

    /// Gives the terminal another size. Nothing happens where there is none, or when the session is over.
    func resize(to size: TerminalSize)

    /// Returns when the command has ended: its code, or 128 + the signal's number. A grandchild that still holds a pipe is not waited for.
    ///
    /// Of an attached container: 0 when the container ended or the session was left.
    /// - Throws: what broke the session: the engine, the pod's supervisor or its node. `cancelled` when the task that waits is cancelled, which
    ///   leaves the session as it is: that is for ``cancel()``.
    func outcome() async throws(DomainError) -> Int32

    /// Ends it: the command's whole process tree is killed, an attached container runs on. May be called at any time, and more than once.
    func cancel()
}

/// Descriptors, close-on-exec and non-blocking: pipes, sockets or a terminal.
package struct SessionEnds: Hashable, Sendable {
    /// To write to; closing it is the end of the input. Of a terminal it is one of its own, apart from `output`.
    package var input: Int32?
    /// To read from, until its end or, of a terminal, EIO.
    package var output: Int32?
    package var errors: Int32?
    package init(input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil) {
        self.input = input
        self.output = output
        self.errors = errors
    }
}

/// Connections into one pod, any number at once.
package protocol PortForwarding: Sendable {
    /// A connected, non-blocking socket, which the caller owns: to the loopback of the pod, IPv4 first, then IPv6.
    ///
    /// - Throws: `unavailable` when nobody listens there; the next connection can be asked for all the same.
    func connect(to port: UInt16) async throws(DomainError) -> Int32

    /// Ends what it holds; connections that were made stay.
    func close()
}
