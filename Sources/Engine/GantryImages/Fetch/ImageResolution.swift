import GantryCore
import Glibc

/// Finds out which image a source means for a platform.
struct ImageResolution: Sendable {
    let source: ImageSource
    let platform: ImagePlatform
    let skopeo: Skopeo

    func run() async throws(EngineError) -> ResolvedImage {
        try checkLocalPath()
        let bytes = try await skopeo.manifest(of: source.location)
        let digest = SHA256.digest(of: bytes)
        if let wanted = source.reference?.digest, case .registry = source, wanted != digest {
            throw EngineError(.invalid, "the registry answered a manifest with the digest \(digest)")
        }
        switch try ImageManifest(parsing: bytes, of: "the registry's answer") {
        case .image(let image):
            return ResolvedImage(
                source: source, location: pinned(digest), topDigest: digest, manifestDigest: digest,
                manifestBytes: bytes, manifest: image)
        case .index(let entries):
            return try await chosen(from: entries, topDigest: digest)
        }
    }

    private func chosen(from entries: [ImageManifest.Entry], topDigest: Digest) async throws(EngineError)
        -> ResolvedImage
    {
        let descriptor = try ImageManifest.choose(from: entries, for: platform, of: "its index")
        let bytes = try await blob(descriptor.digest)
        guard SHA256.digest(of: bytes) == descriptor.digest else {
            throw EngineError(
                .invalid,
                "the manifest for \(platform) does not have the digest \(descriptor.digest) that the index promises")
        }
        guard case .image(let image) = try ImageManifest(parsing: bytes, of: "the manifest for \(platform)") else {
            throw EngineError(.unsupported, "its index names another index")
        }
        return ResolvedImage(
            source: source, location: pinned(descriptor.digest), topDigest: topDigest,
            manifestDigest: descriptor.digest,
            manifestBytes: bytes, manifest: image)
    }

    /// A manifest by its digest; a layout on disk is read directly, since skopeo has no name for it.
    private func blob(_ digest: Digest) async throws(EngineError) -> [UInt8] {
        guard case .layout(let path, _) = source else { return try await skopeo.manifest(of: pinned(digest)) }
        let blobs = try OpenDirectory.open("\(path)/blobs/sha256")
        guard let bytes = try blobs.read(digest.hex, limit: ImageLimits.standard.manifestBytes) else {
            throw EngineError(.invalid, "the layout has no blob \(digest)")
        }
        return bytes
    }

    private func pinned(_ digest: Digest) -> String {
        guard case .registry(let reference) = source else { return source.location }
        return "docker://\(reference.pinned(to: digest))"
    }

    private func checkLocalPath() throws(EngineError) {
        switch source {
        case .registry: return
        case .layout(let path, _), .dockerArchive(let path, _):
            guard access(path, R_OK) == 0 else { throw .posix("opening \(path)", errno) }
        }
    }
}
