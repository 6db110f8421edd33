import GantryCore
import Glibc

/// Brings one image into the store: resolve the name, download what is missing, verify everything, unpack, and only then make it known.
package struct ImageFetch: Sendable {
    let store: ImageStore
    let source: ImageSource
    let options: FetchOptions
    let progress: @Sendable (FetchProgress) -> Void

    package init(
        _ source: ImageSource, into store: ImageStore, options: FetchOptions,
        progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
    ) {
        self.source = source
        self.store = store
        self.options = options
        self.progress = progress
    }

    /// The image in the store under the name it was asked for by.
    ///
    /// Whatever ends it, an error, a cancellation or a kill, leaves the store as it was. Two fetches of the same at once do the work once.
    /// - Throws: `not-found`, `unavailable` (the registry refuses or cannot be reached), `deadline` (it went silent), `invalid` (it lied,
    ///   or the image is malformed), `unsupported` (not for this platform), `exhausted` (the disk is full).
    package func run() async throws(EngineError) -> StoredImage {
        do throws(EngineError) {
            return try await fetch()
        } catch {
            throw error.prefixed(source.title)
        }
    }

    private func fetch() async throws(EngineError) -> StoredImage {
        if let present = try presentImage() { return present }
        try Workspace.sweep(store.temporary)
        progress(FetchProgress(phase: .resolving))
        let skopeo = try Skopeo(options: options)
        let target = try await ImageResolution(source: source, platform: options.platform, skopeo: skopeo).run()
        let names = if let reference = source.reference { [reference] } else { try await skopeo.names(in: source) }
        if let image = try registerPresent(target, names) { return image }
        let turn = try await PullTurn.wait(for: target.manifestDigest, in: store.temporary)
        let image = try await fetchMissing(target, names, skopeo)
        turn.end()
        return image
    }

    /// With the turn taken.
    private func fetchMissing(
        _ target: ResolvedImage, _ names: [ImageReference], _ skopeo: Skopeo
    ) async throws(EngineError) -> StoredImage {
        if let image = try registerPresent(target, names) { return image }
        let held = try store.holdLayers(downloadedAs: target.manifest.layers.map(\.digest))
        let workspace = try Workspace(in: store.temporary)
        let scratch = workspace.directory
        let download = try LayerDownload(target, known: held.found.count, into: scratch)
        let platform = options.platform
        // It comes with the layers; but before gigabytes come it should be known what they are for, where no list has said so.
        let isEarly = !target.isFromList && download.bytes > Self.muchToDownload
        let early = isEarly ? try await target.readConfig(in: nil, skopeo, platform) : nil
        let unpacked = try await LayerPipeline(download, in: scratch, progress: progress).run { measure, progress in
            try await skopeo.copy(
                target, download, platform: platform, into: scratch, measure: measure, progress: progress)
        }
        let config = if let early { early } else { try await target.readConfig(in: scratch, skopeo, platform) }
        let diffIDs = held.found.compactMap(\.diffID) + unpacked.map(\.diffID)
        for (found, promised) in zip(diffIDs, config.config.diffIDs) where found != promised {
            throw EngineError(
                .invalid,
                "layer \(promised): what its blob holds does not have that digest, as its configuration promises, but \(found)"
            )
        }
        try LayerSettlement(store: store, workspace: scratch).run(known: held.found, unpacked: unpacked)
        let chain = Digest.chain(diffIDs)
        let image = try store.install(
            target, config, Dictionary(uniqueKeysWithValues: zip(chain.dropFirst(held.found.count), unpacked)),
            from: workspace, as: names)
        held.release()
        return image
    }

    private static let muchToDownload: Int64 = 16 << 20

    /// What the pull policy finds good enough without asking a registry. A local image is looked at each time: its name says little about
    /// what is in the file.
    private func presentImage() throws(EngineError) -> StoredImage? {
        guard options.pullPolicy != .update else { return nil }
        var isRemote = false
        if case .registry = source { isRemote = true }
        if isRemote || options.pullPolicy == .never, let reference = source.reference,
            let image = try store.images().find(reference, for: options.platform), try suits(image)
        {
            try store.want(image, as: reference)
            return image
        }
        guard options.pullPolicy == .never else { return nil }
        throw EngineError(
            .notFound, "is not in the store for \(options.platform), and the pull policy is never")
    }

    /// Whether the image is for the wanted platform, or does not say what it is for.
    private func suits(_ image: StoredImage) throws(EngineError) -> Bool {
        var platform = image.platform
        // Recorded by an older engine.
        if platform == nil { platform = try ImageConfig(parsing: store.config(of: image.id), of: "the image").platform }
        return platform.map { options.platform.distance(to: $0) != nil } ?? true
    }

    /// The image if it is there whole, under its new name.
    private func registerPresent(
        _ target: ResolvedImage, _ names: [ImageReference]
    ) throws(EngineError) -> StoredImage? {
        guard target.isTrusted(in: try store.images()) else { return nil }
        return try store.register(target, as: names)
    }
}
