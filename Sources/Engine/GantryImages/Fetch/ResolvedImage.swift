import ByteText
import GantryCore

/// An image that a source was found to mean; its manifest is verified.
struct ResolvedImage: Sendable {
    let source: ImageSource
    /// Of what the name led to, which may be an index.
    let topDigest: Digest
    let manifestDigest: Digest
    let manifestBytes: [UInt8]
    let manifest: ImageManifest.Image

    /// Whether it was chosen from a list, by its platform.
    var isFromList: Bool { topDigest != manifestDigest }

    /// The most that a copy of it may write, with what is written beside.
    var copyLimit: Int64 {
        manifest.layers.map { $0.size.addingSaturating(1 << 20) }.saturatingSum.addingSaturating(8 << 20)
    }

    /// Reads and verifies the image's configuration.
    /// - Parameter bytes: their digest was checked.
    func config(_ bytes: [UInt8], for platform: ImagePlatform) throws(EngineError) -> VerifiedConfig {
        let config = try ImageConfig(parsing: bytes, of: "the image")
        if let made = config.platform, platform.distance(to: made) == nil {
            throw EngineError(.unsupported, "is for \(made); wanted is \(platform)")
        }
        guard config.diffIDs.count == manifest.layers.count else {
            throw EngineError(
                .invalid, "its manifest has \(manifest.layers.count) layers, its configuration \(config.diffIDs.count)")
        }
        return VerifiedConfig(bytes: bytes, config: config)
    }
}

extension ImageSource {
    /// An image of this manifest that is there whole and came from this very repository before. From another one it is fetched again,
    /// without its layers.
    func image(of manifest: Digest, in index: StoreIndex) -> StoredImage? {
        guard case .registry(let reference) = self else { return nil }
        let prefix = "\(reference.repository)@"
        return index.images.values.first { image in
            image.manifest == manifest && !image.removed && image.digests.contains { $0.begins(with: prefix) }
        }
    }

    /// The digests by which its repository knows an image that was found under a name.
    func repositoryDigests(_ top: Digest) -> [Digest] {
        guard case .registry = self else { return [] }
        return [top]
    }
}
