import ByteText
import Glibc
import Logging

/// swift-log to stderr, one readable line per entry, for a terminal or a collector that is not the journal.
package struct StandardErrorLogHandler: LogHandler {
    private let label: String
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let sharedLevel: SharedLogLevel
    private var ownLevel: Logger.Level?

    /// The shared one, until a logger is given its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? sharedLevel.current }
        set { ownLevel = newValue }
    }

    package init(
        label: String, level: SharedLogLevel = SharedLogLevel(.info), metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        sharedLevel = level
        self.metadataProvider = metadataProvider
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let values = LogText.merged(metadata, metadataProvider?.get(), event.metadata)
        let text = LogText.line(event.message.description, values).onOneLine
        let level = event.level.rawValue.uppercasedASCII
        let line = Array("\(Self.timestamp()) \(level) \(label): \(text)\n".utf8)
        // One write, so that lines of several threads do not mix. A closed stderr loses the line, not the daemon.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// UTC with milliseconds.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ number: Int32, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        let time = "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
        return "\(date)T\(time).\(padded(Int32(now.tv_nsec / 1_000_000), 3))Z"
    }
}
