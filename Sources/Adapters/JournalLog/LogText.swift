import Logging

/// A log line's text, the same in the journal and on a terminal.
enum LogText {
    /// Later metadata win; sorted by key.
    static func merged(_ parts: Logger.Metadata?...) -> [(key: String, value: String)] {
        var all: Logger.Metadata = [:]
        for part in parts { all.merge(part ?? [:]) { _, later in later } }
        return all.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
    }

    /// `message key=value key="value with blanks"`, on one line.
    static func line(_ message: String, _ values: [(key: String, value: String)]) -> String {
        ([message] + values.map { "\($0.key)=\(quoted($0.value))" }).joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        let plain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"\"=".utf8.contains($0) }
        return plain ? value : value.debugDescription
    }
}
