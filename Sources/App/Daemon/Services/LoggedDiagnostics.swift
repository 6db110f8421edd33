import Domain
import Logging

/// The domain's notes as structured log records.
struct LoggedDiagnostics: Diagnostics {
    let logger: Logger

    func note(_ message: String, _ fields: [String: String]) {
        logger.info("\(message)", metadata: Self.metadata(fields))
    }

    func warning(_ message: String, _ fields: [String: String]) {
        logger.warning("\(message)", metadata: Self.metadata(fields))
    }

    private static func metadata(_ fields: [String: String]) -> Logger.Metadata {
        fields.mapValues { .string($0) }
    }
}
