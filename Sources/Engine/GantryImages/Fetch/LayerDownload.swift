import GantryCore

/// Which of an image's layers are to be downloaded.
struct LayerDownload: Sendable {
    struct Layer: Sendable {
        let blob: BlobDescriptor
        let diffID: Digest
        /// What it is known by in the store.
        let chainID: Digest
    }

    /// Base first.
    let missing: [Layer]
    /// Their blobs, each once: two layers may be the same archive.
    let blobs: [BlobDescriptor]
    /// Of the blobs, compressed.
    let bytes: Int64

    /// More than a blob's declared size that may arrive before it is called a lie.
    static let slack: Int64 = 1 << 20

    /// Puts an empty file in the place of each blob that is not wanted, so that skopeo passes it over.
    init(
        _ image: ResolvedImage, _ config: VerifiedConfig, known: [Digest: StoreIndex.Layer],
        into workspace: OpenDirectory
    ) throws(EngineError) {
        let directory = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        var missing: [Layer] = []
        var blobs: [BlobDescriptor] = []
        var wanted: Set<Digest> = []
        let diffIDs = config.config.diffIDs
        for ((blob, diffID), chainID) in zip(zip(image.manifest.layers, diffIDs), Digest.chain(diffIDs))
        where known[chainID] == nil {
            missing.append(Layer(blob: blob, diffID: diffID, chainID: chainID))
            if wanted.insert(blob.digest).inserted { blobs.append(blob) }
        }
        for blob in image.manifest.layers where !wanted.contains(blob.digest) { try directory.touch(blob.digest.hex) }
        self.missing = missing
        self.blobs = blobs
        bytes = Self.sum(blobs.map(\.size))
        try workspace.requireSpace(for: bytes)
    }

    /// The most that a download of these blobs may write.
    var limit: Int64 { Self.sum([bytes] + blobs.map { _ in Self.slack } + [8 << 20]) }

    /// The most that may be written into one file.
    var fileLimit: Int64 { Self.sum([blobs.map(\.size).max() ?? 0, 8 << 20]) }

    private static func sum(_ sizes: [Int64]) -> Int64 {
        sizes.reduce(0) { sum, size in
            let (total, overflow) = sum.addingReportingOverflow(size)
            return overflow ? Int64.max : total
        }
    }
}
