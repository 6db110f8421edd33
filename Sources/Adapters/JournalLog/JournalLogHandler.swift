import ByteText
import Logging
import Systemd

/// swift-log to the system journal: message, priority, source place, and each metadata value as a field of its own.
///
/// A key `pod-id` becomes the field `RKTLET_POD_ID`; the message carries the values too, so that plain `journalctl` shows them.
package struct JournalLogHandler: LogHandler {
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
        var fields: [(name: String, value: String)] = [
            ("SYSLOG_IDENTIFIER", "rktlet"), ("RKTLET_LOGGER", label), ("CODE_FILE", event.file),
            ("CODE_LINE", String(event.line)), ("CODE_FUNC", event.function),
        ]
        for (key, value) in values { fields.append((Self.fieldName(of: key), value)) }
        Journal.send(
            LogText.line(event.message.description, values), priority: Self.priority(of: event.level), fields: fields)
    }

    static func fieldName(of key: String) -> String {
        let bytes = key.unicodeScalars.prefix(57).map { scalar in
            UInt8(exactly: scalar.value).flatMap { $0.isASCIIAlphanumeric ? $0.uppercasedASCII : nil }
                ?? UInt8(ascii: "_")
        }
        return "RKTLET_" + String(decoding: bytes, as: UTF8.self)
    }

    static func priority(of level: Logger.Level) -> JournalPriority {
        switch level {
        case .trace, .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
