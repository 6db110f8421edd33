import ByteText
import GantryCore

extension StoreIndex {
    /// The image a person or a program means by `name`: its id, a unique prefix of it (at least six digits), or a reference.
    /// - Throws: `not-found`, or `invalid` for a prefix of several ids or what is no reference.
    package func image(named name: String) throws(EngineError) -> StoredImage {
        guard let image = try find(name) else {
            throw EngineError(
                .notFound, "image \(name): is not in the store; fetch it with: gantry image fetch docker://REFERENCE")
        }
        return image
    }

    /// As `image(named:)`; nil where there is none. An image that was removed is found by nothing, though an app still has its layers.
    package func find(_ name: String) throws(EngineError) -> StoredImage? {
        if let id = Digest(name) { return present(id) }
        if let digits = name.without(prefix: "sha256:") { return try find(prefix: String(digits), of: name) }
        let text = name.without(prefix: "docker://").map(String.init) ?? name
        let reference: ImageReference
        do throws(EngineError) {
            reference = try ImageReference(text)
        } catch {
            if let id = Digest(hex: text) { return present(id) }
            throw error
        }
        if let image = find(reference) { return image }
        return try find(prefix: text, of: name)
    }

    /// The image a reference means. A list's digest may stand for images of several platforms: then the machine's own comes first.
    package func find(_ reference: ImageReference, for platform: ImagePlatform = .host) -> StoredImage? {
        let name = reference.description
        let found = images.values.filter { image in
            guard !image.removed else { return false }
            switch reference.version {
            case .tag: return image.tags.has(name)
            case .digest: return image.digests.has(name)
            }
        }
        return found.min { ($0.distance(from: platform), $0.id) < ($1.distance(from: platform), $1.id) }
    }

    /// Those that were not removed, by name.
    package var list: [StoredImage] {
        images.values.filter { !$0.removed }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    private func present(_ id: Digest) -> StoredImage? { images[id].flatMap { $0.removed ? nil : $0 } }

    private func find(prefix: String, of name: String) throws(EngineError) -> StoredImage? {
        guard (6...63).contains(prefix.utf8.count), prefix.utf8.allSatisfy(Digest.isHexDigit) else { return nil }
        let matches = images.values.filter { !$0.removed && $0.id.hex.begins(with: prefix) }
        guard matches.count < 2 else {
            throw EngineError(.invalid, "image \(name): is the beginning of \(matches.count) ids; give more of it")
        }
        return matches.first
    }

    /// Gives `image` the names it was just fetched by; a tag moves here from whichever image had it.
    /// - Throws: `exhausted` where the store has no room for it.
    mutating func register(
        _ image: StoredImage, as references: [ImageReference], digests: [Digest], _ limits: ImageLimits = .standard
    ) throws(EngineError) {
        var image = image
        if let known = images[image.id] {
            image.tags = known.tags
            image.digests = known.digests
            image.wanted = known.wanted
        }
        image.removed = false
        for reference in references {
            let name = reference.description
            for (id, other) in images where id != image.id && (other.tags.contains(name) || other.wanted.contains(name))
            {
                images[id]?.tags.removeAll { $0 == name }
                images[id]?.wanted.removeAll { $0 == name }
            }
            if case .tag = reference.version { image.tags.appendIfNew(name) }
            image.wanted.removeAll { $0 == name }
            image.wanted.append(name)
            for digest in digests { image.digests.appendIfNew(reference.pinned(to: digest).description) }
        }
        // A local image without a name is known by its id.
        if references.isEmpty { image.wanted.appendIfNew(image.id.description) }
        image.tags = image.tags.suffix(limits.names)
        image.digests = image.digests.suffix(limits.names)
        image.wanted = image.wanted.suffix(limits.names)
        images[image.id] = image
        try admit(image.id, limits)
    }

    /// Notes that an image is wanted by a name as well; the oldest is forgotten for it where there are many.
    mutating func want(_ id: Digest, as reference: ImageReference, _ limits: ImageLimits = .standard) {
        guard var image = images[id] else { return }
        image.wanted = (image.wanted + [reference.description]).suffix(limits.names)
        images[id] = image
    }
}

extension StoredImage {
    fileprivate func distance(from platform: ImagePlatform) -> Int {
        self.platform.flatMap { platform.distance(to: $0) } ?? Int.max
    }
}

extension [String] {
    fileprivate mutating func appendIfNew(_ element: String) {
        if !contains(element) { append(element) }
    }
}
