import Domain
import Synchronization

/// A store whose registry is a table in memory.
package final class FakeImageStore: ImageStore {
    private struct State {
        var local: [Image] = []
        var registry: [String: Image] = [:]
        var pulls: [(reference: String, credentials: RegistryCredentials?)] = []

        /// A tag belongs to one image: the last that took it.
        mutating func add(_ image: Image) {
            local.removeAll { $0.id == image.id }
            for index in local.indices { local[index].repoTags.removeAll(where: image.repoTags.contains) }
            local.append(image)
        }
    }

    private let state = Mutex(State())
    private let failpoints: Failpoints

    package init(failpoints: Failpoints = Failpoints()) {
        self.failpoints = failpoints
    }

    /// Puts an image on the node.
    package func add(_ image: Image) { state.withLock { $0.add(image) } }

    /// Puts an image into the registry under a normalised reference.
    package func publish(_ image: Image, as reference: String) { state.withLock { $0.registry[reference] = image } }

    /// What every pull says of itself.
    package var halfway: PullProgress {
        var halfway = PullProgress(.downloading)
        (halfway.bytes, halfway.totalBytes, halfway.layers, halfway.totalLayers) = (50, 100, 1, 3)
        return halfway
    }

    package var pulls: [String] { state.withLock { $0.pulls.map(\.reference) } }
    package var local: [Image] { state.withLock { $0.local } }

    package func list() async throws(DomainError) -> [Image] {
        try await failpoints.enter(.imagesList)
        let images = state.withLock { $0.local }
        try await failpoints.leave(.imagesList)
        return images
    }

    package func normalize(_ reference: String) throws(DomainError) -> String {
        try failpoints.enterAtOnce(.imagesNormalize)
        if reference.hasPrefix("sha256:") { return reference }
        guard !reference.isEmpty, reference.allSatisfy({ !$0.isWhitespace && !$0.isUppercase && $0.isASCII }) else {
            throw DomainError(
                .invalidArgument, "image reference \"\(reference)\" is malformed: write name[:tag][@digest]")
        }
        let name = String(reference.prefix { $0 != "@" })
        let digest = reference.dropFirst(name.count)
        let first = name.split(separator: "/", omittingEmptySubsequences: false).first ?? ""
        let hasHost = name.contains("/") && (first.contains(".") || first.contains(":") || first == "localhost")
        var full = name
        if !hasHost { full = name.contains("/") ? "docker.io/\(name)" : "docker.io/library/\(name)" }
        let tagged = full.split(separator: "/").last?.contains(":") ?? false
        return full + (tagged || !digest.isEmpty ? "" : ":latest") + digest
    }

    package func pull(
        _ reference: String, credentials: RegistryCredentials?, progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        progress(halfway)
        try await failpoints.enter(.imagesPull)
        let image = state.withLock { state -> Image? in
            state.pulls.append((reference, credentials))
            guard let image = state.registry[reference] else { return nil }
            state.add(image)
            return image
        }
        guard let image else {
            throw DomainError(
                .notFound, "image \(reference): the registry has no such manifest; check its name and tag")
        }
        try await failpoints.leave(.imagesPull)
        return image
    }

    package func remove(_ id: ImageID) async throws(DomainError) {
        try await failpoints.enter(.imagesRemove)
        state.withLock { $0.local.removeAll { $0.id == id } }
        try await failpoints.leave(.imagesRemove)
    }

    package func usage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        try await failpoints.enter(.imagesUsage)
        let used = state.withLock { $0.local.reduce(0) { $0 + $1.size } }
        try await failpoints.leave(.imagesUsage)
        let at = Timestamp(nanoseconds: 1)
        return (
            FilesystemUsage(timestamp: at, mountpoint: "/images", usedBytes: used, inodesUsed: 1),
            FilesystemUsage(timestamp: at, mountpoint: "/containers", usedBytes: 0, inodesUsed: 0)
        )
    }
}
