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
        if let image = try registerPresent(target) { return image }
        let turn = try await PullTurn.wait(for: target.manifestDigest, in: store.temporary)
        let image = try await fetchMissing(target, skopeo)
        turn.end()
        return image
    }

    /// With the turn taken.
    private func fetchMissing(_ target: ResolvedImage, _ skopeo: Skopeo) async throws(EngineError) -> StoredImage {
        if let image = try registerPresent(target) { return image }
        let config = try await target.readConfig(skopeo: skopeo, platform: options.platform)
        // A layer that was counted on may be collected before the image is registered: then it is fetched after all.
        for _ in 0..<3 {
            if let image = try await install(target, config, skopeo: skopeo) { return image }
        }
        throw EngineError(.unavailable, "its layers are removed as fast as they are fetched; try again")
    }

    /// What the pull policy finds good enough without asking a registry.
    private func presentImage() throws(EngineError) -> StoredImage? {
        guard options.pullPolicy != .update else { return nil }
        if let reference = source.reference, let image = try store.images().find(reference) { return image }
        guard options.pullPolicy == .never else { return nil }
        throw EngineError(.notFound, "is not in the store, and the pull policy is never")
    }

    /// The image if it is there whole, under its new name.
    private func registerPresent(_ target: ResolvedImage) throws(EngineError) -> StoredImage? {
        guard target.isTrusted(in: try store.images()) else { return nil }
        return try store.register(target, as: source.reference)
    }

    private func install(_ target: ResolvedImage, _ config: VerifiedConfig, skopeo: Skopeo) async throws(EngineError)
        -> StoredImage?
    {
        let workspace = try Workspace(in: store.temporary)
        let known = try store.readIndex().layers
        let download = try LayerDownload(target, config, known: known, into: workspace.directory)
        var state = FetchProgress(phase: .downloading, totalBytes: download.bytes, totalLayers: download.missing.count)
        progress(state)
        try await skopeo.copy(target.location, platform: options.platform, into: workspace.directory) {
            [state, progress] bytes in
            var state = state
            state.bytes = min(bytes, state.totalBytes)
            progress(state)
        }
        state.phase = .unpacking
        state.bytes = state.totalBytes
        var unpacked: [Digest: UnpackedLayer] = [:]
        for layer in download.missing {
            progress(state)
            unpacked[layer.diffID] = try LayerUnpack(layer, in: workspace.directory).run()
            state.layers += 1
        }
        try workspace.directory.syncFileSystem()
        return try store.install(target, config, unpacked, from: workspace, as: source.reference)
    }
}
