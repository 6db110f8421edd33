import Domain
import Synchronization

/// Which of rkt's images are those that it runs pods with. A cache: what it does not know, the image's manifest tells.
final class RktStage1: Sendable {
    private let known = Mutex<[ImageID: Bool]>([:])

    func isStage1(_ id: ImageID) -> Bool? { known.withLock { $0[id] } }
    func learn(_ id: ImageID, _ isStage1: Bool) { known.withLock { $0[id] = isStage1 } }
}
