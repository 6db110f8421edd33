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

    /// - Parameter known: how many of the image's first layers are there.
    init(_ image: ResolvedImage, known: Int, into workspace: OpenDirectory) throws(EngineError) {
        var missing: [Layer] = []
        var blobs: [BlobDescriptor] = []
        var wanted: Set<Digest> = []
        for (position, blob) in image.manifest.layers.enumerated() where position >= known {
            missing.append(Layer(blob: blob, position: position))
            if wanted.insert(blob.digest).inserted { blobs.append(blob) }
        }
        self.missing = missing
        self.blobs = blobs
        bytes = blobs.map(\.size).saturatingSum
        try workspace.requireSpace(for: bytes)
    }
}
