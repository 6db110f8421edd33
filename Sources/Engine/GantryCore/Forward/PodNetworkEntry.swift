import CGantry
import Glibc

/// The way into a pod's network namespace.
package enum PodNetworkEntry {
    /// From now on this thread's new sockets are the pod's; those that it has stay where they were made. Nothing happens for a pod on the
    /// host's network.
    package static func enter(_ record: PodRecord) throws(EngineError) {
        if record.network.mode == .host { return }
        guard !record.netns.isEmpty else {
            throw EngineError(.internal, "pod \(record.uuid): its record names no network namespace")
        }
        let namespace = try Descriptor(
            open(record.netns, O_RDONLY | O_CLOEXEC), "pod \(record.uuid): open \(record.netns)")
        guard gantry_enter_network(namespace.raw) == 0 else {
            throw .posix("pod \(record.uuid): enter the network namespace \(record.netns)", errno)
        }
    }
}
