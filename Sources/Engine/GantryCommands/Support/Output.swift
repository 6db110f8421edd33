import ByteText
import GantryCore
import Glibc
import JSON
import Synchronization

/// Standard output and standard error, unbuffered: an `execve` may follow.
enum Output {
    /// Lines for a person: whatever is quoted in them, a terminal only shows it.
    static func print(_ lines: String) { printData(lines.linesForTerminal) }

    /// What a caller wants to the byte.
    static func printData(_ text: String) {
        write(text + "\n", to: 1)
    }

    static func print(_ json: JSON) {
        write(json.serialized() + "\n", to: 1)
    }

    /// Lines for a person, as the lines of standard output has them.
    static func error(_ lines: String) { errorRecord(lines.linesForTerminal) }

    /// A line of JSON for a program.
    static func errorRecord(_ line: String) {
        write(line + "\n", to: 2)
    }

    static func report(_ failure: EngineError, title: String, format: OutputFormat) {
        error("\(title): \(failure.message)")
        if format == .json { errorRecord(failure.line) }
    }

    /// Whether something could not be written to standard output: then the caller has not got what it asked for.
    private static let isCutShort = Atomic<Bool>(false)

    /// What the process ends with, having come to `code`.
    static func exitCode(_ code: Int32) -> Int32 {
        code == 0 && isCutShort.load(ordering: .relaxed) ? 254 : code
    }

    private static func write(_ text: String, to descriptor: Int32) {
        guard let cause = writeAll(text, to: descriptor), descriptor == 1 else { return }
        guard !isCutShort.exchange(true, ordering: .relaxed), cause != EPIPE else { return }
        error(EngineError.posix("writing to standard output", cause).message)
    }

    /// - Returns: errno, where it failed.
    private static func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
    }
}

extension EngineError {
    /// The last line of standard error with `--format=json`.
    var line: String { JSON.object(["error": .object(fields.mapValues(JSON.string))]).serialized() }
}
