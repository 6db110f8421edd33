import Synchronization

/// Whether the daemon ends: calls that are cancelled from then on are so because of it, and not because their clients left.
final class DrainFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}
