import Domain
import Synchronization

/// Which pod has which of rkt's UUIDs. A cache: what it does not know, the list of pods tells.
final class RktUUIDs: Sendable {
    private let known = Mutex<[PodID: EngineUUID]>([:])
    private let ready = Mutex<Set<EngineUUID>>([])

    func uuid(of pod: PodID) -> EngineUUID? { known.withLock { $0[pod] } }
    func learn(_ uuid: EngineUUID, of pod: PodID) { known.withLock { $0[pod] = uuid } }
    var all: [EngineUUID] { known.withLock { Array($0.values) } }
    func forget(_ pod: PodID) {
        if let uuid = known.withLock({ $0.removeValue(forKey: pod) }) { ready.withLock { _ = $0.remove(uuid) } }
    }

    /// Whether rkt has said that the pod takes apps.
    func isReady(_ uuid: EngineUUID) -> Bool { ready.withLock { $0.contains(uuid) } }
    func learn(ready uuid: EngineUUID) { ready.withLock { _ = $0.insert(uuid) } }
}
