import GantryCore

/// Looks for the image of a platform in an index, and in the indexes that it names (OCI image index specification).
struct IndexSearch {
    enum Found: Sendable {
        /// It is in the store.
        case present(StoredImage)
        /// Its manifest, which is verified.
        case image(Digest, [UInt8], ImageManifest.Image)
    }

    private let platform: ImagePlatform
    private let known: @Sendable (Digest) -> StoredImage?
    private let manifest: (BlobDescriptor) async throws(EngineError) -> [UInt8]
    private let config: (ImageManifest.Image) async throws(EngineError) -> [UInt8]
    private let limits: ImageLimits
    /// Manifests that were looked into.
    private var lookedInto = 0
    /// The platforms of images that are there and do not suit.
    private var others: Set<String> = []

    init(platform: ImagePlatform, content: ImageContent, known: @escaping @Sendable (Digest) -> StoredImage?) {
        self.init(platform: platform, known: known) { (blob) throws(EngineError) in
            try await content.manifest(blob)
        } config: { (image) throws(EngineError) in
            try await content.config(of: image)
        }
    }

    /// - Parameters:
    ///   - manifest: brings a manifest or index, whose digest is checked.
    ///   - config: brings an image's configuration, likewise.
    init(
        platform: ImagePlatform, _ limits: ImageLimits = .standard, known: @escaping @Sendable (Digest) -> StoredImage?,
        manifest: @escaping (BlobDescriptor) async throws(EngineError) -> [UInt8],
        config: @escaping (ImageManifest.Image) async throws(EngineError) -> [UInt8]
    ) {
        self.platform = platform
        self.limits = limits
        self.known = known
        self.manifest = manifest
        self.config = config
    }

    /// - Throws: `unsupported`, naming the platforms there are, where none suits; `invalid` for indexes deeper in one another than is taken.
    mutating func run(_ entries: [ImageManifest.Entry]) async throws(EngineError) -> Found {
        if let found = try await search(entries, depth: 1) { return found }
        let list = others.isEmpty ? "none" : others.sorted().prefix(20).joined(separator: ", ")
        throw EngineError(.unsupported, "its index: has no image for \(platform); there are: \(list)")
    }

    private mutating func search(_ entries: [ImageManifest.Entry], depth: Int) async throws(EngineError) -> Found? {
        let candidates = entries.filter(\.mayBeImage)
        for entry in ImageManifest.suited(candidates, for: platform) {
            if let found = try await follow(entry, depth: depth) { return found }
        }
        for platform in candidates.compactMap(\.platform) { others.insert(platform.description) }
        let nameless = candidates.filter { $0.platform == nil }
        // Of the only one there is, its configuration is looked at in any case.
        if nameless.count == 1, candidates.count == 1 { return try await follow(nameless[0], depth: depth) }
        return try await best(of: nameless, depth: depth)
    }

    /// Where an entry leads to.
    private mutating func follow(_ entry: ImageManifest.Entry, depth: Int) async throws(EngineError) -> Found? {
        if let image = known(entry.descriptor.digest) { return .present(image) }
        switch try await lookInto(entry) {
        case .image(let image, let bytes): return .image(entry.descriptor.digest, bytes, image)
        case .index(let entries):
            try Self.check(depth: depth + 1, limits)
            return try await search(entries, depth: depth + 1)
        }
    }

    /// Of images whose platform no descriptor says, that whose configuration suits best; of equals the first.
    private mutating func best(
        of entries: [ImageManifest.Entry], depth: Int
    ) async throws(EngineError) -> Found? {
        var best: (distance: Int, found: Found)?
        for entry in entries {
            guard let found = try await follow(entry, depth: depth), let made = try await platform(of: found) else {
                continue
            }
            guard let distance = platform.distance(to: made) else {
                others.insert(made.description)
                continue
            }
            if distance < best?.distance ?? Int.max { best = (distance, found) }
        }
        return best?.found
    }

    /// nil for what does not say it, and for what is no image of a container.
    private func platform(of found: Found) async throws(EngineError) -> ImagePlatform? {
        switch found {
        case .present(let image): return image.platform
        case .image(_, _, let image):
            let bytes = try await config(image)
            return try? ImageConfig(parsing: bytes, of: "an image").platform
        }
    }

    private enum Content {
        case image(ImageManifest.Image, [UInt8])
        case index([ImageManifest.Entry])
    }

    private mutating func lookInto(_ entry: ImageManifest.Entry) async throws(EngineError) -> Content {
        lookedInto += 1
        try Self.check(lookedInto: lookedInto, limits)
        let bytes = try await manifest(entry.descriptor)
        switch try ImageManifest(parsing: bytes, of: "the manifest \(entry.descriptor.digest)") {
        case .image(let image): return .image(image, bytes)
        case .index(let entries): return .index(entries)
        }
    }

    static func check(depth: Int, _ limits: ImageLimits) throws(EngineError) {
        guard depth <= limits.indexDepth else { throw .beyond(limits.indexDepth, "indexes in one another") }
    }

    static func check(lookedInto count: Int, _ limits: ImageLimits) throws(EngineError) {
        guard count <= limits.indexManifests else {
            throw .beyond(limits.indexManifests, "manifests to look into for one image")
        }
    }
}
