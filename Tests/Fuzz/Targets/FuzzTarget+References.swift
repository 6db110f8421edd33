import Domain
import GantryCore
import GantryImages

@testable import RktCLI

extension FuzzTarget {
    /// Image references, which the daemon and the engine read each by itself: they must not take one for two different images.
    static let references = FuzzTarget("references", longest: 1200) { input in
        // What is an id of an image is taken for nothing else, and looked at before.
        guard let text = String(validating: input, as: UTF8.self), !RktCLI.ImageReference.isImageID(text) else {
            return
        }
        let daemon = try? RktCLI.ImageReference(text)
        let engine = try? GantryImages.ImageReference(text)
        if let daemon {
            try promise((try? RktCLI.ImageReference(daemon.description)) == daemon, "the daemon's form is not stable")
            guard let asked = try? GantryImages.ImageReference(daemon.source) else {
                throw Finding("the engine refuses what the daemon asks it for")
            }
            try promise(asked.registry == daemon.domain && asked.path == daemon.path, "two repositories")
            try promise(asked.digest?.description == daemon.digest, "two digests")
            if daemon.domain.utf8.count == 9 { PlantedTrap.here((daemon.tag ?? "").utf8, beginsWith: "v1.3") }
        }
        if let engine {
            try promise(
                (try? GantryImages.ImageReference(engine.description)) == engine, "the engine's form is not stable")
        }
        try promise((daemon == nil) == (engine == nil), "one takes it and the other refuses it")
        if let source = try? ImageSource(text) {
            try promise(source.title.utf8.count <= 4 * input.count + 100, "a title out of proportion")
        }
    }
}
