import Glibc

/// What the supervisor has to say goes to standard error, which is the journal of its unit.
package enum StandardError {
    package static func write(_ line: String) {
        var line = line + "\n"
        // Nothing can be done about a journal that takes nothing.
        _ = line.withUTF8 { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
