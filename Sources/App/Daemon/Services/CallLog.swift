import CRI
import GRPCCore
import Logging

/// One log record per call: reads at debug, changes at info, failures with their message.
struct CallLog: RPCObserver {
    let logger: Logger

    func started(_ method: MethodDescriptor, peer: String) {}

    func finished(_ outcome: RPCOutcome) {
        var metadata: Logger.Metadata = [
            "method": "\(outcome.name)", "code": "\(outcome.code)",
            "milliseconds": "\(Self.milliseconds(outcome.duration))",
        ]
        guard outcome.code != .ok else {
            logger.log(level: Self.isRead(outcome.name) ? .debug : .info, "served", metadata: metadata)
            return
        }
        metadata["error"] = "\(outcome.message)"
        logger.log(level: Self.level(of: outcome.code), "call failed", metadata: metadata)
    }

    /// What clients get wrong, or ask twice, is for their log; what we could not do is for ours.
    private static func level(of code: Status.Code) -> Logger.Level {
        switch code {
        case .notFound, .unimplemented, .cancelled: .info
        case .internalError, .unknown, .dataLoss: .error
        default: .warning
        }
    }

    private static func isRead(_ name: String) -> Bool {
        let reads = ["List", "Stream", "Version", "Status", "RuntimeConfig", "ImageFsInfo", "ExecSync"]
        return name.hasSuffix("Status") || reads.contains { name.hasPrefix($0) }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
