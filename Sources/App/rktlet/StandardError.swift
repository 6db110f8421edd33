import ByteText
import Glibc

/// Lines for the person at the console: whatever is quoted in one, its terminal only shows it.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array("rktlet: \(line.forTerminal)\n".utf8)
        // Nobody is left to be told when stderr itself fails.
        _ = Glibc.write(2, bytes, bytes.count)
    }
}
