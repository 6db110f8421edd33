import CGantry
import Glibc

/// What a client of an app's own streams is given: the ends of pipes that its output is copied into, its input and its terminal.
struct AppAttachment {
    /// For the client, by name.
    private(set) var given: [(name: String, end: Descriptor)] = []
    /// What the output is written to.
    private(set) var pipes: [(LogStream, Descriptor)] = []

    /// What one pipe holds of what its client has not read: beyond it, the client is cut off.
    static let room = 1 << 20
    /// fcntl(2), F_SETPIPE_SZ.
    private static let setSize: Int32 = 1031

    /// - Throws: `precondition` for a terminal that the app does not have.
    init(to app: App, stdin: Bool, stdout: Bool, stderr: Bool, terminal: Bool) throws(EngineError) {
        if terminal {
            guard let master = app.terminal else {
                throw EngineError(.precondition, "app \(app.name): has no terminal")
            }
            given.append(("terminal", try Self.copy(master)))
        }
        if stdin { given.append(("stdin", try Self.input(of: app))) }
        for (name, stream, isWanted) in [("stdout", LogStream.stdout, stdout), ("stderr", .stderr, stderr)]
        where isWanted {
            let pipe = try Pipe()
            _ = fcntl(pipe.writer.raw, Self.setSize, Int32(Self.room))
            pipe.writer.makeNonblocking()
            pipe.reader.makeNonblocking()
            given.append((name, pipe.reader))
            pipes.append((stream, pipe.writer))
        }
    }

    /// What is written to it has nobody to read it where the app has no input, or no more.
    private static func input(of app: App) throws(EngineError) -> Descriptor {
        guard app.hasInput else { return try unread() }
        if let terminal = app.terminal { return try copy(terminal) }
        guard let input = app.standardInput else { return try unread() }
        input.makeNonblocking()
        let copy = try copy(input)
        // The client's is the last then, and its end the app's end of input.
        if app.endsInputOnce { app.standardInput = nil }
        return copy
    }

    private static func unread() throws(EngineError) -> Descriptor {
        let pipe = try Pipe()
        pipe.writer.makeNonblocking()
        return pipe.writer
    }

    private static func copy(_ descriptor: Descriptor) throws(EngineError) -> Descriptor {
        try Descriptor(fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 3), "hand a stream over")
    }
}
