import Logging
import Systemd

/// Chooses where the daemon's log goes: the journal when stderr is one of its streams, else readable lines on stderr.
package enum LogBackend {
    /// For `LoggingSystem.bootstrap`.
    package static func handler(label: String, level: SharedLogLevel) -> any LogHandler {
        Journal.isStandardError
            ? JournalLogHandler(label: label, level: level) : StandardErrorLogHandler(label: label, level: level)
    }
}
