import Synchronization

/// The request bytes one connection holds in memory: half-received messages and those that wait for their handlers.
final class RequestMemory: Sendable {
    private let bytes = Atomic<Int>(0)

    var used: Int { bytes.load(ordering: .relaxed) }

    func charge(_ count: Int) {
        bytes.wrappingAdd(count, ordering: .relaxed)
    }

    func release(_ count: Int) {
        bytes.wrappingSubtract(count, ordering: .relaxed)
    }
}
