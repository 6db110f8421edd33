import GantryCore
import Glibc

/// The streams of a command without a terminal: pipes, whose one end is the command's and whose other is the caller's.
struct SessionPipes {
    /// Standard input, output and error of the command.
    let far: [Descriptor]
    /// The caller's, non-blocking, by name.
    let own: [(name: String, end: Descriptor)]

    /// What a pipe of output holds, in bytes: fewer turns between who writes and who reads.
    private static let room: Int32 = 256 << 10
    /// fcntl(2), F_SETPIPE_SZ.
    private static let setSize: Int32 = 1031

    init(_ request: ExecSession.Request) throws(EngineError) {
        var far: [Descriptor] = []
        var own: [(String, Descriptor)] = []
        if request.stdin {
            let pipe = try Pipe()
            far.append(pipe.reader)
            own.append(("stdin", pipe.writer))
        } else {
            far.append(try StandardStream.ended())
        }
        for (name, isWanted) in [("stdout", request.stdout), ("stderr", request.stderr)] {
            guard isWanted else {
                far.append(try Descriptor(open("/dev/null", O_WRONLY | O_CLOEXEC), "open /dev/null"))
                continue
            }
            let pipe = try Pipe()
            _ = fcntl(pipe.writer.raw, Self.setSize, Self.room)
            far.append(pipe.writer)
            own.append((name, pipe.reader))
        }
        for (_, end) in own { end.makeNonblocking() }
        self.far = far
        self.own = own.map { (name: $0.0, end: $0.1) }
    }
}
