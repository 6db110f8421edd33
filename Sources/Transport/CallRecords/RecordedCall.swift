import ByteText
import Glibc
import Synchronization

/// A call while it is served, and afterwards what is kept of it.
package final class RecordedCall: Sendable {
    /// The call that the current task works for. What two callers share (`InFlight`) works for the one who came first.
    @TaskLocal package static var current: RecordedCall?

    /// What is kept of one call, in bytes, so that no caller fills the memory of others.
    enum Bounds {
        static let name = 256
        static let error = 1024
        static let steps = 32
    }

    struct End {
        var number: UInt64
        var duration: Duration
        var code: String
        var hasFailed: Bool
        var error: String
        var isRoutine: Bool
    }

    private struct State {
        var method: String
        var object = ""
        var pod = ""
        var container = ""
        var name = ""
        var steps: [CallRecord.Step] = []
        var stepsLeftOut = 0
        var end: End?
    }

    package let transport: CallRecord.Transport
    /// It changes nothing; see ``CallRecord/isRoutine``.
    let onlyAsks: Bool
    let start: ContinuousClock.Instant
    private let startedAt: Int64
    private let traceparent: String?
    private let podOf: @Sendable (String) -> String?
    private let state: Mutex<State>

    /// - Parameter podOf: the pod of a container, by their whole ids.
    init(
        _ transport: CallRecord.Transport, method: String, onlyAsks: Bool, traceparent: String?,
        podOf: @escaping @Sendable (String) -> String?
    ) {
        self.transport = transport
        self.onlyAsks = onlyAsks
        start = .now
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        startedAt = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        self.traceparent = traceparent.flatMap { Traceparent.isValid($0) ? $0 : nil }
        self.podOf = podOf
        state = Mutex(State(method: KeptText.name(method)))
    }

    // MARK: What is learned of it

    /// The id or reference that it is about; the last one told is kept.
    package func about(_ object: String) {
        let object = KeptText.name(object)
        state.withLock { if $0.end == nil { $0.object = object } }
    }

    /// The same, where nobody has told anything better.
    package func aboutUnlessTold(_ object: String) {
        let object = KeptText.name(object)
        state.withLock { if $0.end == nil, $0.object.isEmpty { $0.object = object } }
    }

    /// The pod that it is about; what is no whole id is passed over.
    package func concerns(pod: String) {
        guard Self.isWholeID(pod) else { return }
        state.withLock { if $0.end == nil { $0.pod = pod } }
    }

    /// The container that it is about; what is no whole id is passed over. Its pod is looked up now: at the end it may be gone.
    package func concerns(container: String) {
        guard Self.isWholeID(container) else { return }
        let pod = podOf(container)
        state.withLock { state in
            guard state.end == nil else { return }
            state.container = container
            if let pod { state.pod = pod }
        }
    }

    private static func isWholeID(_ text: String) -> Bool { text.utf8.count == 64 && text.isLowerHex }

    /// The name of what it makes.
    package func making(_ name: String) {
        let name = KeptText.name(name)
        state.withLock { if $0.end == nil { $0.name = name } }
    }

    /// The kind of call that it is, once that is known.
    package func isOf(_ method: String) {
        let method = KeptText.name(method)
        state.withLock { if $0.end == nil { $0.method = method } }
    }

    /// Something that was done for it has ended.
    ///
    /// - Parameter what: called when the step is kept.
    package func step(_ what: @autoclosure () -> String, since begin: ContinuousClock.Instant, code: String) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard state.end == nil else { return }
            guard state.steps.count < Bounds.steps else {
                state.stepsLeftOut += 1
                return
            }
            state.steps.append(
                CallRecord.Step(
                    name: what().cut(to: Bounds.name), start: begin - start, duration: now - begin, code: code))
        }
    }

    // MARK: For the recorder

    /// - Returns: false when it has ended before.
    func end(_ end: End) -> Bool {
        state.withLock { state in
            guard state.end == nil else { return false }
            state.end = end
            return true
        }
    }

    var number: UInt64 { state.withLock { $0.end?.number ?? 0 } }

    /// What it takes in memory, about; for one that has ended.
    var cost: Int {
        state.withLock { state in
            var bytes = 320 + (traceparent == nil ? 0 : 80)
            bytes += state.method.utf8.count + state.object.utf8.count + state.name.utf8.count
            bytes += state.pod.utf8.count + state.container.utf8.count
            bytes += state.end?.error.utf8.count ?? 0
            for step in state.steps { bytes += 96 + step.name.utf8.count }
            return bytes
        }
    }

    func record(at now: ContinuousClock.Instant) -> CallRecord {
        state.withLock { state in
            let end = state.end
            return CallRecord(
                number: end?.number ?? 0, transport: transport, method: state.method, object: state.object,
                pod: state.pod, container: state.container, name: state.name, startedAt: startedAt,
                duration: end?.duration ?? now - start, isRunning: end == nil,
                code: end?.code ?? "", hasFailed: end?.hasFailed ?? false, error: end?.error ?? "",
                traceparent: traceparent, steps: state.steps, stepsLeftOut: state.stepsLeftOut,
                onlyAsks: onlyAsks, isRoutine: end?.isRoutine ?? false)
        }
    }
}

extension String {
    /// Its beginning, as a text of its own: what is kept holds nothing else in memory.
    func cut(to limit: Int) -> String { utf8.count <= limit ? self : String(shortened(to: limit)) }
}
