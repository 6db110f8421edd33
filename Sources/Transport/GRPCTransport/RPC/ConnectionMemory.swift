import Synchronization

/// Bytes that one connection holds in memory. One counts its requests: half-received messages and those that wait for their
/// handlers; another its responses, from their handlers' hands until they are sent.
final class ConnectionMemory: Sendable {
    private let bytes = Atomic<Int>(0)

    var used: Int { bytes.load(ordering: .relaxed) }

    func charge(_ count: Int) {
        bytes.wrappingAdd(count, ordering: .relaxed)
    }

    func release(_ count: Int) {
        bytes.wrappingSubtract(count, ordering: .relaxed)
    }
}
