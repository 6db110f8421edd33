import Domain
import Synchronization

/// What `app status` last said of each app, for when it fails.
final class RktLastKnown: Sendable {
    private let known = Mutex<[EngineUUID: [String: Container]]>([:])

    func container(_ app: String, in pod: EngineUUID) -> Container? { known.withLock { $0[pod]?[app] } }
    func learn(_ container: Container, in pod: EngineUUID) {
        known.withLock { $0[pod, default: [:]][container.id.rawValue] = container }
    }
    func forget(_ app: String, in pod: EngineUUID) { known.withLock { $0[pod]?[app] = nil } }
    func forget(_ pod: EngineUUID) { known.withLock { $0[pod] = nil } }
}
