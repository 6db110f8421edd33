import ByteText

/// A program to run once: everything about it is given, nothing inherited.
package struct ChildCommand: Sendable {
    /// Absolute.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// The whole environment.
    package var environment: [String: String]
    /// What the program reads; nil: end of file at once.
    package var input: [UInt8]?
    /// What it has as standard input instead; stays the caller's, who keeps it open until the program has started.
    package var inputDescriptor: Int32?
    /// Bytes of stdout that are kept; what comes beyond is read and dropped, and `ChildResult.outputWasCut` is set.
    package var outputLimit: Int
    /// Bytes of stderr that are kept: its end.
    package var errorLimit: Int
    /// From the start to the end of the program; nil: as long as it takes.
    package var timeout: Duration?

    package init(
        executable: String, arguments: [String], environment: [String: String] = ChildCommand.plainEnvironment,
        input: [UInt8]? = nil, outputLimit: Int = 64 << 20, errorLimit: Int = 16 << 10, timeout: Duration?
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.outputLimit = outputLimit
        self.errorLimit = errorLimit
        self.timeout = timeout
    }

    /// Paths of the system's own programs, untranslated messages, and nothing of the caller's.
    package static let plainEnvironment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
    ]

    /// The file's name, for errors.
    package var name: String { executable.words(at: "/").last.map(String.init) ?? executable }
}
