import Domain
import Synchronization

/// Which pod has which of rkt's UUIDs. A cache: what it does not know, the list of pods tells.
final class RktUUIDs: Sendable {
    private let known = Mutex<[PodID: EngineUUID]>([:])

    func uuid(of pod: PodID) -> EngineUUID? { known.withLock { $0[pod] } }
    func learn(_ uuid: EngineUUID, of pod: PodID) { known.withLock { $0[pod] = uuid } }
    var all: [EngineUUID] { known.withLock { Array($0.values) } }
    func forget(_ pod: PodID) { known.withLock { $0[pod] = nil } }
}
