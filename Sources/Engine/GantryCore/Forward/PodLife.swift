import CGantry
import Glibc

/// Whether a pod's supervisor lives, as a descriptor that becomes readable when it does not any more.
package struct PodLife {
    /// What was known of the pod when this began.
    package let record: PodRecord
    private let supervisor: Descriptor

    /// - Throws: `precondition` unless the pod is ready.
    package init(_ store: PodStore, _ uuid: PodUUID) throws(EngineError) {
        let before = try store.record(uuid)
        guard before.state == .running, let pid = before.pid else { throw Self.notRunning(before) }
        supervisor = Descriptor(owning: gantry_pidfd_open(pid))
        // Asked for once more, now that its number cannot become another's.
        let record = try store.record(uuid)
        guard supervisor.raw >= 0, record.state == .running, record.pid == pid else { throw Self.notRunning(record) }
        self.record = record
    }

    /// Readable from its end on.
    package var descriptor: Int32 { supervisor.raw }

    private static func notRunning(_ record: PodRecord) -> EngineError {
        EngineError(.precondition, "pod \(record.uuid): is \(record.state.rawValue), not running")
    }
}
