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
    ///   or the image is malformed), `unsupported` (not for this platform, or of another kind), `exhausted` (the disk is full).
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
        let scratch = try Workspace(in: store.temporary)
        let content = ImageContent(skopeo, source, scratch: scratch.directory.path)
        let result: Result<StoredImage, EngineError>
        do throws(EngineError) {
            result = .success(try await fetch(skopeo, content))
        } catch {
            result = .failure(error)
        }
        await content.end()
        scratch.remove()
        return try result.get()
    }

    private func fetch(_ skopeo: Skopeo, _ content: ImageContent) async throws(EngineError) -> StoredImage {
        try source.checkLocalPath()
        let index = try store.images()
        // An image of a name that nobody has used here will hardly be there: what brings it starts while the name is resolved.
        if source.reference.map({ index.find($0, for: options.platform) == nil }) ?? true {
            try await content.prepare()
        }
        // Whether an image that is there may be used is the policy's to say as well.
        let known: @Sendable (Digest) -> StoredImage? = { [source] manifest in
            skopeo.policy.takesAnything ? source.image(of: manifest, in: index) : nil
        }
        let resolution = ImageResolution(
            source: source, platform: options.platform, content: content, known: known)
        let (found, top) = try await resolution.run()
        let names = if let reference = source.reference { [reference] } else { try await skopeo.names(in: source) }
        switch found {
        case .present(let image):
            if let image = try store.register(image.id, as: names, digests: source.repositoryDigests(top)) {
                return image
            }
            // It went away meanwhile.
            throw EngineError(.unavailable, "was removed while it was fetched; try again")
        case .image(let target):
            let turn = try await PullTurn.wait(
                for: target.manifestDigest, from: source, in: store.temporary)
            let image = try await fetchMissing(target, names, skopeo, content)
            turn.end()
            return image
        }
    }

    /// With the turn taken.
    private func fetchMissing(
        _ target: ResolvedImage, _ names: [ImageReference], _ skopeo: Skopeo, _ content: ImageContent
    ) async throws(EngineError) -> StoredImage {
        let workspace = try Workspace(in: store.temporary)
        let scratch = workspace.directory
        if !skopeo.policy.takesAnything {
            try await skopeo.judge(target, platform: options.platform, in: scratch)
        }
        // Whoever had the turn before may have brought it.
        if let image = source.image(of: target.manifestDigest, in: try store.images()),
            let image = try store.register(image.id, as: names, digests: source.repositoryDigests(target.topDigest))
        {
            return image
        }
        try LayerMediaType.check(target.manifest.layers)
        let held = try store.holdLayers(downloadedAs: target.manifest.layers.map(\.digest))
        let download = try LayerDownload(target, known: held.found.count, into: scratch)
        let (config, unpacked) = try await bring(download, target, content, into: scratch)
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

    /// The configuration comes with the layers; but before gigabytes come it should be known what they are for, where no list has said so.
    private func bring(
        _ download: LayerDownload, _ target: ResolvedImage, _ content: ImageContent, into scratch: OpenDirectory
    ) async throws(EngineError) -> (VerifiedConfig, [UnpackedLayer]) {
        let blobs = try scratch.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        let platform = options.platform
        let isEarly = download.missing.isEmpty || (!target.isFromList && download.bytes > Self.muchToDownload)
        let early = isEarly ? try target.config(await content.config(of: target.manifest), for: platform) : nil
        let proxy = try await content.proxy()
        let unpacked = try await LayerPipeline(download, in: scratch, progress: progress).run(
            timeout: options.idleTimeout
        ) { reports in
            guard !download.missing.isEmpty else { return }
            try await proxy.fetch(
                (early == nil ? [target.manifest.config] : []) + download.blobs, into: blobs,
                received: reports.received, arrived: reports.arrived)
        }
        await content.end()
        if let early { return (early, unpacked) }
        let bytes = try blobs.read(target.manifest.config.digest.hex, limit: ImageLimits.standard.configBytes)
        guard let bytes, SHA256.digest(of: bytes) == target.manifest.config.digest else {
            throw EngineError(
                .invalid,
                "its configuration does not have the digest \(target.manifest.config.digest) that the manifest promises"
            )
        }
        return (try target.config(bytes, for: platform), unpacked)
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
}

extension ImageSource {
    /// - Throws: for a local image that cannot be read.
    fileprivate func checkLocalPath() throws(EngineError) {
        switch self {
        case .registry: return
        case .layout(let path, _), .dockerArchive(let path, _):
            guard access(path, R_OK) == 0 else { throw .posix("opening \(path)", errno) }
        }
    }
}
