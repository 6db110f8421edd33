import Synchronization

/// Bytes that one connection holds in memory. One counts its requests: half-received messages and those that wait for their
/// handlers; another its responses, from their handlers' hands until they are sent. What it counts may be part of what another counts.
final class ConnectionMemory: Sendable {
    private let bytes = Atomic<Int>(0)
    private let whole: ConnectionMemory?

    init(within whole: ConnectionMemory? = nil) { self.whole = whole }

    var used: Int { bytes.load(ordering: .relaxed) }

    func charge(_ count: Int) {
        bytes.wrappingAdd(count, ordering: .relaxed)
        whole?.charge(count)
    }

    func release(_ count: Int) {
        bytes.wrappingSubtract(count, ordering: .relaxed)
        whole?.release(count)
    }
}
