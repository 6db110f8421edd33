import Synchronization

/// What the transport is doing right now.
package struct TransportActivity: Sendable, Hashable {
    /// Connections that are open.
    package let connections: Int
    /// HTTP/2 streams that are open.
    package let streams: Int
    /// RPCs whose handlers run, with or without a client that still waits.
    package let runningRPCs: Int
}

/// Counts for `TransportActivity`, kept by the connections and the task group.
final class TransportCounters: Sendable {
    let connections = Atomic<Int>(0)
    let streams = Atomic<Int>(0)
    let runningRPCs = Atomic<Int>(0)

    var activity: TransportActivity {
        TransportActivity(
            connections: connections.load(ordering: .relaxed),
            streams: streams.load(ordering: .relaxed),
            runningRPCs: runningRPCs.load(ordering: .relaxed)
        )
    }
}
