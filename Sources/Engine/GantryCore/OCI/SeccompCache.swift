import JSON
import Synchronization

/// The runtime's default profile as it was converted last: the apps of a pod mostly have the same capabilities, which decide what is in it.
package final class SeccompCache: Sendable {
    private let last = Mutex<(capabilities: CapabilitySets, profile: JSON)?>(nil)

    package init() {}

    func profile(for capabilities: CapabilitySets) -> JSON? {
        last.withLock { $0?.capabilities == capabilities ? $0?.profile : nil }
    }

    func keep(_ profile: JSON, for capabilities: CapabilitySets) {
        last.withLock { $0 = (capabilities, profile) }
    }

    /// It is large, and apps are added one after the other or not at all.
    func forget() { last.withLock { $0 = nil } }
}
