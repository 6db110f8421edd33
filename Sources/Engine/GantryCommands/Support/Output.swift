import GantryCore
import Glibc
import JSON

/// Standard output and standard error, unbuffered: an `execve` may follow.
enum Output {
    static func print(_ line: String) {
        write(line + "\n", to: 1)
    }

    static func print(_ json: JSON) {
        write(json.serialized() + "\n", to: 1)
    }

    static func error(_ line: String) {
        write(line + "\n", to: 2)
    }

    static func report(_ failure: EngineError, title: String, format: OutputFormat) {
        error("\(title): \(failure.message)")
        if format == .json { error(failure.line) }
    }

    /// What cannot be written has nobody who would read of it.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

extension EngineError {
    /// The last line of standard error with `--format=json`.
    var line: String { JSON.object(["error": .object(fields.mapValues(JSON.string))]).serialized() }
}
