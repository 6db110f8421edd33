import CGantry
import Glibc

/// The standard streams of an app that is being created: pipes, or a terminal that crun makes.
struct AppStdio {
    /// For crun; nil: an empty file in memory, which a terminal takes the place of.
    let descriptors: [Int32?]
    let console: ConsoleSocket?

    private let input: Pipe?
    private let output: Pipe?
    private let errors: Pipe?

    init(hasTerminal: Bool, hasInput: Bool, paths: AppPaths) throws(EngineError) {
        if hasTerminal {
            console = try ConsoleSocket(path: paths.console)
            (input, output, errors) = (nil, nil, nil)
            descriptors = [nil, nil, nil]
            return
        }
        console = nil
        let input = try Pipe()
        if !hasInput { input.writer.close() }
        let output = try Pipe()
        let errors = try Pipe()
        descriptors = [input.reader.raw, output.writer.raw, errors.writer.raw]
        (self.input, self.output, self.errors) = (input, output, errors)
    }

    /// Once crun has taken its ends.
    func connect(_ app: App) throws(EngineError) {
        if let console {
            let master = try console.receive()
            app.terminal = try Descriptor(fcntl(master.raw, F_DUPFD_CLOEXEC, 3), "keep a terminal")
            try app.output?.add(master, .stdout)
            return
        }
        for pipe in [output, errors] { pipe?.writer.close() }
        input?.reader.close()
        // Without an end of its own the container would read an end of file before anybody attaches.
        if let input, input.writer.raw >= 0 { app.standardInput = input.writer }
        if let output { try app.output?.add(output.reader, .stdout) }
        if let errors { try app.output?.add(errors.reader, .stderr) }
    }
}
