import ByteText
import GantryCore

/// An image that a source was found to mean; its manifest is verified.
struct ResolvedImage: Sendable {
    let source: ImageSource
    /// skopeo's name for it, pinned to the digest where there is a registry.
    let location: String
    /// Of what the name led to, which may be an index.
    let topDigest: Digest
    let manifestDigest: Digest
    let manifestBytes: [UInt8]
    let manifest: ImageManifest.Image

    /// Whether the image is there whole and came from this very repository before. From another one it is fetched again, without its
    /// layers: the signature policy may think differently of it.
    func isTrusted(in index: StoreIndex) -> Bool {
        guard let image = index.images[manifest.config.digest], image.manifest == manifestDigest, !image.removed else {
            return false
        }
        guard case .registry(let reference) = source else { return false }
        return image.digests.contains { $0.begins(with: "\(reference.repository)@") }
    }

    /// Whether it was chosen from a list, by its platform.
    var isFromList: Bool { topDigest != manifestDigest }

    /// Reads and verifies the image's configuration: the one that was downloaded into the workspace, or fetches it.
    func readConfig(
        in workspace: OpenDirectory?, _ skopeo: Skopeo, _ platform: ImagePlatform
    ) async throws(EngineError) -> VerifiedConfig {
        // Of an image in Docker's format skopeo writes a converted configuration, under another digest.
        let downloaded = try workspace?.open("blobs").open("sha256").read(
            manifest.config.digest.hex, limit: ImageLimits.standard.configBytes)
        let bytes = if let downloaded { downloaded } else { try await configBytes(skopeo) }
        guard SHA256.digest(of: bytes) == manifest.config.digest else {
            throw EngineError(
                .invalid,
                "its configuration does not have the digest \(manifest.config.digest) that the manifest promises")
        }
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

    private func configBytes(_ skopeo: Skopeo) async throws(EngineError) -> [UInt8] {
        guard case .layout(let path, _) = source else { return try await skopeo.config(of: location) }
        let blobs = try OpenDirectory.open("\(path)/blobs/sha256")
        guard let bytes = try blobs.read(manifest.config.digest.hex, limit: ImageLimits.standard.configBytes) else {
            throw EngineError(.invalid, "the layout has no blob \(manifest.config.digest)")
        }
        return bytes
    }
}
