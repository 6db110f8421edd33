import Domain
import Synchronization

/// The configurations of images. A cache: an image's id is of its contents.
final class RktImageConfigs: Sendable {
    /// Those beyond are asked for again.
    private static let most = 1000
    private let known = Mutex<[ImageID: RktImageConfig]>([:])

    func config(of id: ImageID) -> RktImageConfig? { known.withLock { $0[id] } }

    func learn(_ config: RktImageConfig, of id: ImageID) {
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[id] = config
        }
    }
}
