import GantryCore
import Synchronization

/// What a source has: manifests, configurations, blobs, each verified. One task asks at a time.
final class ImageContent: Sendable {
    let skopeo: Skopeo
    let source: ImageSource
    private let scratch: String
    private let started = Mutex<ImageProxy?>(nil)

    /// - Parameter scratch: a directory for what skopeo can only do in a file.
    init(_ skopeo: Skopeo, _ source: ImageSource, scratch: String) {
        self.skopeo = skopeo
        self.source = source
        self.scratch = scratch
    }

    /// Starts what brings blobs, and does not wait for it.
    func prepare() async throws(EngineError) { _ = try await proxy() }

    func proxy() async throws(EngineError) -> ImageProxy {
        if let proxy = started.withLock({ $0 }) { return proxy }
        let proxy = try await ImageProxy.start(skopeo, source.location, scratch: scratch)
        started.withLock { $0 = proxy }
        return proxy
    }

    /// Ends what was started.
    func end() async { await started.withLock { $0 }?.end() }

    /// The manifest or index that the source's name leads to.
    func top() async throws(EngineError) -> [UInt8] { try await skopeo.manifest(of: source.location) }

    /// A manifest or index that another one names.
    func manifest(_ blob: BlobDescriptor) async throws(EngineError) -> [UInt8] {
        guard blob.size <= Int64(ImageLimits.standard.manifestBytes) else {
            throw .beyond(ImageLimits.standard.manifestBytes, "bytes in a manifest")
        }
        let bytes = try await manifestBytes(blob)
        guard SHA256.digest(of: bytes) == blob.digest else {
            throw EngineError(.invalid, "a manifest does not have the digest \(blob.digest) that its index promises")
        }
        return bytes
    }

    private func manifestBytes(_ blob: BlobDescriptor) async throws(EngineError) -> [UInt8] {
        guard case .registry(let reference) = source else {
            return try await proxy().bytes(of: blob, limit: ImageLimits.standard.manifestBytes, named: "manifest")
        }
        let location = "docker://\(reference.pinned(to: blob.digest))"
        // A proxy that runs has it sooner than another process; what it does not have as it is has another digest.
        if blob.mediaType == "application/vnd.oci.image.manifest.v1+json", let proxy = started.withLock({ $0 }),
            let bytes = try? await proxy.manifest(of: location), SHA256.digest(of: bytes) == blob.digest
        {
            return bytes
        }
        return try await skopeo.manifest(of: location)
    }

    /// An image's configuration, whose digest is checked.
    func config(of manifest: ImageManifest.Image) async throws(EngineError) -> [UInt8] {
        try await proxy().bytes(
            of: manifest.config, limit: ImageLimits.standard.configBytes, named: "configuration")
    }
}
