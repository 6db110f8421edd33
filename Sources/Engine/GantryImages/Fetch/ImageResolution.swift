import GantryCore

/// Finds out which image a source means for a platform.
struct ImageResolution: Sendable {
    enum Found: Sendable {
        /// It is in the store.
        case present(StoredImage)
        case image(ResolvedImage)
    }

    let source: ImageSource
    let platform: ImagePlatform
    let content: ImageContent
    /// The image of a manifest that is in the store, and good enough.
    let known: @Sendable (Digest) -> StoredImage?

    /// - Returns: the image, and the digest of what the name led to.
    func run() async throws(EngineError) -> (Found, top: Digest) {
        let bytes = try await content.top()
        let digest = SHA256.digest(of: bytes)
        if let wanted = source.reference?.digest, case .registry = source, wanted != digest {
            throw EngineError(.invalid, "the registry answered a manifest with the digest \(digest)")
        }
        switch try ImageManifest(parsing: bytes, of: "the registry's answer") {
        case .image(let image):
            if let image = known(digest) { return (.present(image), digest) }
            let target = ResolvedImage(
                source: source, topDigest: digest, manifestDigest: digest, manifestBytes: bytes, manifest: image)
            return (.image(target), digest)
        case .index(let entries):
            var search = IndexSearch(platform: platform, content: content, known: known)
            switch try await search.run(entries) {
            case .present(let image): return (.present(image), digest)
            case .image(let found, let bytes, let manifest):
                let target = ResolvedImage(
                    source: source, topDigest: digest, manifestDigest: found, manifestBytes: bytes, manifest: manifest)
                return (.image(target), digest)
            }
        }
    }
}
