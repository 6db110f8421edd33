import Logging
import Synchronization

/// Tells in the log how many pods' units of other data directories are on this host, each time that it is another number: units are looked at often.
final class UnitsLeftAlone: Sendable {
    private let dataDirectory: String
    private let logger: Logger
    private let told = Mutex(0)

    init(dataDirectory: String, logger: Logger) {
        self.dataDirectory = dataDirectory
        self.logger = logger
    }

    func tell(_ count: Int) {
        let isNews = told.withLock { before in
            defer { before = count }
            return before != count
        }
        guard isNews else { return }
        if count == 0 { return logger.notice("no pods' units of another data directory are left on this host") }
        logger.warning(
            "pods' units of another data directory are on this host, and left alone",
            metadata: ["units": "\(count)", "dataDir": "\(dataDirectory)"])
    }
}
