import CRI
import GRPCCore
import Logging

/// One log record per call: failures with their message; what went well at debug, since the use-cases tell of each change by its object.
struct CallLog: RPCObserver {
    let logger: Logger

    func started(_ method: MethodDescriptor, peer: String) {}

    func finished(_ outcome: RPCOutcome) {
        var metadata: Logger.Metadata = [
            "method": "\(outcome.name)", "code": "\(outcome.code)",
            "milliseconds": "\(Self.milliseconds(outcome.duration))",
        ]
        guard outcome.code != .ok else {
            logger.debug("served", metadata: metadata)
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

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
