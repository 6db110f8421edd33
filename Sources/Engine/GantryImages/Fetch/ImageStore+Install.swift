import ByteText
import GantryCore
import Glibc

extension ImageStore {
    /// Gives an image that is there whole a further name; nil where it is not.
    func register(
        _ id: Digest, as references: [ImageReference], digests: [Digest]
    ) throws(EngineError) -> StoredImage? {
        // Nearly always it bears them all already, and then nobody needs to wait for anybody.
        var index = try images()
        guard let image = index.images[id], !image.removed else { return nil }
        try index.register(image, as: references, digests: digests)
        if index.images[id] == image { return image }
        let workspace = try Workspace(in: temporary)
        var changed = false
        let registered = try change(workspace) { (index) throws(EngineError) -> StoredImage? in
            guard let image = index.images[id], !image.removed else { return nil }
            let before = index.images
            try index.register(image, as: references, digests: digests)
            changed = index.images != before
            return index.images[id]
        }
        if changed { onChange() }
        return registered
    }

    /// Notes that an image is wanted by the name as well under which it was found: moving another of its names must not make it garbage.
    func want(_ image: StoredImage, as reference: ImageReference) throws(EngineError) {
        guard !image.wanted.contains(reference.description) else { return }
        let workspace = try Workspace(in: temporary)
        try change(workspace) { (index) throws(EngineError) in
            index.want(image.id, as: reference)
        }
        onChange()
    }

    /// Holds those of an image's layers that are there already until it is registered.
    func holdLayers(downloadedAs blobs: [Digest]) throws(EngineError) -> Holding<[StoreIndex.Layer]> {
        try hold { (index) throws(EngineError) in
            let known = index.layers(downloadedAs: blobs).map(\.layer)
            return (known, LeaseFile.Held(layers: Set(known.map(\.number))))
        }
    }

    /// Moves unpacked layers into place and makes the image known.
    /// - Parameter unpacked: by chain id, all that are not held.
    func install(
        _ target: ResolvedImage, _ config: VerifiedConfig, _ unpacked: [Digest: UnpackedLayer],
        from workspace: borrowing Workspace, as references: [ImageReference]
    ) throws(EngineError) -> StoredImage {
        let scratch = workspace.directory
        let id = target.manifest.config.digest
        // What needs no lock is written, and on disk, before it is taken; the layers are already.
        let files = SyncedFiles()
        try files.add(scratch.create(id.hex, config.bytes))
        try files.add(scratch.create(target.manifestDigest.hex, target.manifestBytes))
        try files.sync()
        let image = try change(workspace) { (index) throws(EngineError) -> StoredImage? in
            for chainID in Digest.chain(config.config.diffIDs) where index.layers[chainID] == nil {
                guard let layer = unpacked[chainID] else {
                    throw EngineError(.internal, "its layer \(chainID) has vanished; try again")
                }
                let number = try place(layer, from: scratch, after: index)
                index.layers[chainID] = StoreIndex.Layer(
                    number: number, usage: layer.usage, diffID: layer.diffID, blob: layer.blob)
            }
            for blob in [id.hex, target.manifestDigest.hex] { try scratch.rename(blob, to: blobs, as: blob) }
            try index.register(
                describe(target, config, index), as: references,
                digests: target.source.repositoryDigests(target.topDigest))
            return index.images[id]
        }
        guard let image else { throw EngineError(.internal, "was not registered") }
        onChange()
        return image
    }

    private func place(_ layer: UnpackedLayer, from workspace: OpenDirectory, after index: StoreIndex)
        throws(EngineError) -> Int
    {
        // A damaged index may have the largest number there is.
        var number = (index.layers.values.map(\.number).max() ?? 0).addingSaturating(1)
        // A killed process may have left a directory of that number, which is not empty.
        while faccessat(layers.descriptor, "\(number)", F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
            guard number < Int.max else {
                throw EngineError(.internal, "\(layers.path): has no number left for a layer")
            }
            number += 1
        }
        try workspace.rename(layer.directory, to: layers, as: "\(number)")
        return number
    }

    private func describe(_ target: ResolvedImage, _ config: VerifiedConfig, _ index: StoreIndex) -> StoredImage {
        let files = Digest.chain(config.config.diffIDs).map { index.layers[$0]?.usage.bytes ?? 0 }.saturatingSum
        var omitted = StoredImage.Omitted()
        return StoredImage(
            id: target.manifest.config.digest, manifest: target.manifestDigest, layers: config.config.diffIDs,
            size: files.addingSaturating(Int64(config.bytes.count)), user: config.config.user,
            labels: omitted.labels(config.config.labels), annotations: omitted.annotations(target.manifest.annotations),
            omitted: omitted, platform: config.config.platform, importTime: Self.now())
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
