import ByteText
import GantryCore

/// Which of an image's layers are to be downloaded.
struct LayerDownload: Sendable {
    struct Layer: Sendable {
        let blob: BlobDescriptor
        /// Its place in the image; the base is 0.
        let position: Int
        /// What the configuration promises; nil: not known yet.
        var diffID: Digest?
    }

    /// Base first.
    let missing: [Layer]
    /// Their blobs, each once: two layers may be the same archive.
    let blobs: [BlobDescriptor]
    /// Of the blobs, compressed.
    let bytes: Int64

    /// More than a blob's declared size that may arrive before it is called a lie.
    static let slack: Int64 = 1 << 20
    /// For the configuration, and what skopeo writes beside.
    private static let beside: Int64 = 8 << 20

    /// Puts an empty file in the place of each blob that is not wanted, so that skopeo passes it over.
    /// - Parameter known: how many of the image's first layers are there.
    init(_ image: ResolvedImage, known: Int, into workspace: OpenDirectory) throws(EngineError) {
        let directory = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        var missing: [Layer] = []
        var blobs: [BlobDescriptor] = []
        var wanted: Set<Digest> = []
        for (position, blob) in image.manifest.layers.enumerated() where position >= known {
            missing.append(Layer(blob: blob, position: position))
            if wanted.insert(blob.digest).inserted { blobs.append(blob) }
        }
        for blob in image.manifest.layers where !wanted.contains(blob.digest) { try directory.touch(blob.digest.hex) }
        self.missing = missing
        self.blobs = blobs
        bytes = blobs.map(\.size).saturatingSum
        try workspace.requireSpace(for: bytes)
    }

    /// The most that a download of these blobs may write.
    var limit: Int64 { bytes.addingSaturating(Int64(blobs.count) * Self.slack + Self.beside) }

    /// The most that may be written into one file.
    var fileLimit: Int64 { (blobs.map(\.size).max() ?? 0).addingSaturating(Self.beside) }
}
