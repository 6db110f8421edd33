import GantryCore

/// Which of an image's layers are to be downloaded.
struct LayerDownload {
    struct Layer {
        let blob: BlobDescriptor
        let diffID: Digest
    }

    /// Each once, base first.
    let missing: [Layer]
    /// Of the missing, compressed.
    let bytes: Int64

    /// Puts an empty file in the place of each blob whose layer is unpacked already, so that skopeo passes it over.
    init(
        _ image: ResolvedImage, _ config: VerifiedConfig, known: [Digest: StoreIndex.Layer],
        into workspace: OpenDirectory
    ) throws(EngineError) {
        let blobs = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        var missing: [Layer] = []
        var seen: Set<Digest> = []
        var wanted: Set<Digest> = []
        for (blob, diffID) in zip(image.manifest.layers, config.config.diffIDs)
        where known[diffID] == nil && seen.insert(diffID).inserted {
            missing.append(Layer(blob: blob, diffID: diffID))
            wanted.insert(blob.digest)
        }
        for blob in image.manifest.layers where !wanted.contains(blob.digest) { try blobs.touch(blob.digest.hex) }
        self.missing = missing
        bytes = missing.reduce(into: 0) { sum, layer in
            let (total, overflow) = sum.addingReportingOverflow(layer.blob.size)
            sum = overflow ? Int64.max : total
        }
        try workspace.requireSpace(for: bytes)
    }
}
