import GantryCore
import Glibc

extension ImageStore {
    /// Gives an image that is there whole a further name; nil where it is not.
    func register(_ target: ResolvedImage, as reference: ImageReference?) throws(EngineError) -> StoredImage? {
        let workspace = try Workspace(in: temporary)
        var changed = false
        let image = try change(workspace) { (index) throws(EngineError) -> StoredImage? in
            guard let image = index.images[target.manifest.config.digest] else { return nil }
            let before = index.images
            index.register(image, as: reference, digests: target.repositoryDigests)
            changed = index.images != before
            return index.images[image.id]
        }
        if changed { onChange() }
        return image
    }

    /// Moves unpacked layers into place and makes the image known.
    /// - Returns: nil if a layer that was there before the download is there no more.
    func install(
        _ target: ResolvedImage, _ config: VerifiedConfig, _ unpacked: [Digest: UnpackedLayer],
        from workspace: borrowing Workspace, as reference: ImageReference?
    ) throws(EngineError) -> StoredImage? {
        let scratch = workspace.directory
        let image = try change(workspace) { (index) throws(EngineError) -> StoredImage? in
            for diffID in config.config.diffIDs where index.layers[diffID] == nil {
                guard let layer = unpacked[diffID] else { return nil }
                let number = try place(layer, from: scratch, after: index)
                index.layers[diffID] = StoreIndex.Layer(number: number, size: layer.size, usage: layer.usage)
            }
            try layers.sync()
            try blobs.replace(target.manifest.config.digest.hex, with: config.bytes)
            try blobs.replace(target.manifestDigest.hex, with: target.manifestBytes)
            let image = describe(target, config, index)
            index.register(image, as: reference, digests: target.repositoryDigests)
            return index.images[image.id]
        }
        if image != nil { onChange() }
        return image
    }

    private func place(_ layer: UnpackedLayer, from workspace: OpenDirectory, after index: StoreIndex)
        throws(EngineError) -> Int
    {
        var number = (index.layers.values.map(\.number).max() ?? 0) + 1
        // A killed process may have left a directory of that number, which is not empty.
        while faccessat(layers.descriptor, "\(number)", F_OK, AT_SYMLINK_NOFOLLOW) == 0 { number += 1 }
        try workspace.rename(layer.directory, to: layers, as: "\(number)")
        return number
    }

    private func describe(_ target: ResolvedImage, _ config: VerifiedConfig, _ index: StoreIndex) -> StoredImage {
        let files = Set(config.config.diffIDs).reduce(into: Int64(0)) { $0 += index.layers[$1]?.size ?? 0 }
        return StoredImage(
            id: target.manifest.config.digest, manifest: target.manifestDigest, layers: config.config.diffIDs,
            size: files + Int64(config.bytes.count), user: config.config.user, labels: config.config.labels,
            annotations: target.manifest.annotations, importTime: Self.now())
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension ResolvedImage {
    /// The digest by which its repository knows it, of an index where there is one.
    fileprivate var repositoryDigests: [Digest] {
        guard case .registry = source else { return [] }
        return [topDigest]
    }
}
