import ByteText
import CallRecords
import JournalLog
import Logging

/// One log record per call that changes something or fails, of both transports, with the pod and the container that it is about: the kubelet's side of a
/// pod's story. What only asks and goes well is told at debug.
struct CallLog: Sendable {
    let logger: Logger

    /// - Parameter record: what most calls need not be copied for.
    func ended(_ outcome: CallOutcome, record: () -> CallRecord) {
        let level = Self.level(of: outcome)
        guard level >= logger.logLevel else { return }
        let call = record()
        var metadata: Logger.Metadata = [
            CallFields.method: "\(call.method)", CallFields.code: "\(call.code)",
            CallFields.transport: "\(call.transport.rawValue)",
            CallFields.outcome: "\(call.hasFailed ? CallFields.failed : CallFields.done)",
            CallFields.milliseconds: "\(Self.milliseconds(call.duration))",
        ]
        let steps = call.steps.map {
            "\($0.name) \(Self.milliseconds($0.duration)) ms" + ($0.code == "ok" ? "" : " \($0.code)")
        }
        for (key, text) in [
            (CallFields.pod, call.pod), (CallFields.container, call.container), (CallFields.name, Self.name(of: call)),
            (CallFields.steps, steps.joined(separator: ", ")), (CallFields.error, call.error),
        ] where !text.isEmpty {
            metadata[key] = "\(text)"
        }
        logger.log(level: level, "\(call.hasFailed ? "call failed" : "served")", metadata: metadata)
    }

    /// What it makes, or what it is about where that is no pod and no container.
    private static func name(of call: CallRecord) -> String {
        if !call.name.isEmpty { return call.name }
        return call.object == call.pod || call.object == call.container ? "" : call.object
    }

    /// What clients get wrong, or ask twice, is for their log; what we could not do is for ours.
    private static func level(of call: CallOutcome) -> Logger.Level {
        guard call.hasFailed else { return call.onlyAsks ? .debug : .info }
        switch (call.transport, call.code) {
        case (.grpc, "notFound"), (.grpc, "unimplemented"), (.grpc, "cancelled"): return .info
        case (.grpc, "internalError"), (.grpc, "unknown"), (.grpc, "dataLoss"): return .error
        case (.grpc, _): return .warning
        // A stranger's failure is routine, and must fill no log.
        case (.http, _) where call.isRoutine: return .debug
        case (.http, _): return call.code.begins(with: "5") ? .warning : call.onlyAsks ? .debug : .info
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
