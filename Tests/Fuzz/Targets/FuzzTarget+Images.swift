import GantryCore
import JSON

@testable import GantryImages

extension FuzzTarget {
    /// Manifests, indexes and configurations, as a registry hands them out. All of them read each input.
    static let images = FuzzTarget("images", longest: 8192) { input in
        if let manifest = try? ImageManifest(parsing: input, of: "image x") { try check(manifest) }
        if let config = try? GantryImages.ImageConfig(parsing: input, of: "image x") {
            try promise(config.user.utf8.count <= input.count, "a user longer than the configuration")
            try promise(Digest.chain(config.diffIDs).count == config.diffIDs.count, "a chain of another length")
            let execution = config.execution
            if let engine = try? GantryCore.ImageConfig(json: execution) {
                try promise(engine.user.utf8.elementsEqual(config.user.utf8), "two readers, two users")
                try promise(engine.env.count <= input.count, "more variables than bytes")
                PlantedTrap.here(
                    engine.env.first?.utf8.elementsEqual("A=b".utf8) == true && engine.user.utf8.count >= 6)
            }
        }
    }

    private static func check(_ manifest: ImageManifest) throws {
        switch manifest {
        case .image(let image):
            try promise(image.layers.count <= 500, "more layers than can be mounted")
            try promise(image.layers.allSatisfy { $0.size >= 0 } && image.config.size >= 0, "a negative size")
        case .index(let entries):
            try promise(entries.allSatisfy { $0.descriptor.size >= 0 }, "a negative size")
            let platform = ImagePlatform(os: "linux", architecture: "arm", variant: "v7")
            for chosen in ImageManifest.suited(entries, for: platform) {
                try promise(entries.contains { $0.descriptor == chosen.descriptor }, "chose what is not there")
                try promise(chosen.platform?.os == "linux", "chose what does not suit")
            }
        }
    }
}
