import Synchronization

/// What this host can do, read when the first app is added.
final class SharedFacts: Sendable {
    private let known = Mutex<HostFacts?>(nil)

    /// - Parameter note: told of what a person ought to know, the first time.
    func get(_ note: (String) -> Void) throws(EngineError) -> HostFacts {
        if var known = known.withLock({ $0 }) {
            try known.lookAtAppArmor()
            return known
        }
        let facts = try HostFacts.read()
        if facts.appArmor && facts.appArmorDefault == nil {
            note("apps that ask for no AppArmor profile are unconfined: no profile rktlet-default is loaded")
        }
        known.withLock { $0 = facts }
        return facts
    }
}
