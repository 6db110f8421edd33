import ByteText
import Synchronization

/// What the daemon knows of the images of this node: a copy of the store's list, in memory.
///
/// What must always hold: a list that was asked for before one of our own pulls or removals ended never undoes what that operation
/// wrote here; a reading before the first list has succeeded asks the store, and fails when that does: no image is ever reported
/// absent for want of a list.
package final class ImageCache: Sendable {
    private struct State {
        var images: [Image]?
        /// Rises with every own change; a list begun at another generation is stale.
        var generation: UInt64 = 0
        /// What the configuration pins; applied to each image as it is written here.
        var pins = PinnedImages()
        /// Pinned by the store itself.
        var pinnedByStore: Set<ImageID> = []
        /// How many containers are being made from an image.
        var holds: [ImageID: Int] = [:]
        /// Being removed just now.
        var removing: Set<ImageID> = []

        func pinned(_ image: Image) -> Image {
            var image = image
            image.pinned = pinnedByStore.contains(image.id) || pins.pins(image)
            return image
        }
    }

    private let store: any ImageStore
    private let state = Mutex(State())
    private let refreshes = InFlight<Bool, Bool, Bool>(whenAbandoned: .finish)

    package init(store: any ImageStore, pins: PinnedImages = PinnedImages()) {
        self.store = store
        state.withLock { $0.pins = pins }
    }

    /// These images are pinned from now on, and no others but those that the store pins.
    package func pin(_ pins: PinnedImages) {
        state.withLock { state in
            state.pins = pins
            state.images = state.images?.map(state.pinned)
        }
    }

    /// All images.
    package func images() async throws(DomainError) -> [Image] {
        if let images = state.withLock({ $0.images }) { return images }
        _ = try await refreshes.run(true) { [self] () throws(DomainError) in
            try await refresh()
            return true
        }
        return state.withLock { $0.images } ?? []
    }

    /// Replaces what is known by a list that is begun after this call.
    package func refresh() async throws(DomainError) {
        while true {
            let generation = state.withLock { $0.generation }
            let images = try await store.list()
            let done = state.withLock { state in
                guard state.generation == generation else { return false }
                state.pinnedByStore = Set(images.lazy.filter(\.pinned).map(\.id))
                state.images = images.map(state.pinned)
                return true
            }
            if done { return }
        }
    }

    /// The image a reference or an id means now; nil when it is not here.
    ///
    /// In this order: an id, with its algorithm or as bare digits; a name; the beginning of one id. So the word `cafe` is the image of
    /// that name when there is one.
    ///
    /// - Throws: `invalidArgument` for a malformed reference, and for the beginning of several ids.
    package func resolve(_ reference: String) async throws(DomainError) -> Image? {
        let images = try await images()
        if let image = images.first(where: { $0.id.rawValue.isSame(as: reference) }) { return image }
        // 64 digits are an id and never a name, as everywhere in the field.
        if let id = ImageID.ofBareDigits(reference) { return images.first { $0.id == id } }
        let name = try store.normalize(reference)
        // Compared one by one: of ten thousand images most differ in their length, and none is worth a hash.
        let names = [name, name.withoutTagBesideDigest]
        let named = images.first { image in
            names.has(image.id.rawValue) || image.repoTags.contains(where: names.has)
                || image.repoDigests.contains(where: names.has)
        }
        if let named { return named }
        return try image(in: images, beginningWith: reference)
    }

    private func image(in images: [Image], beginningWith text: String) throws(DomainError) -> Image? {
        guard let digits = ImageID.shortDigits(text) else { return nil }
        let found = images.filter { $0.id.digits.begins(with: digits) }
        guard found.count > 1 else { return found.first }
        let ids = found.map(\.id.rawValue).sorted()
        throw DomainError(.invalidArgument, "image " + IDMatch<ImageID>.ambiguity("\"\(text)\"", ids))
    }

    /// Writes a pulled image; the tags it has now, no other image has any more.
    package func insert(_ image: Image) {
        state.withLock { state in
            state.generation += 1
            // Before the first list nothing is known of the others; that list will hold this image too.
            guard var images = state.images else { return }
            images.removeAll { $0.id == image.id }
            if image.pinned { state.pinnedByStore.insert(image.id) }
            for index in images.indices where images[index].repoTags.contains(where: image.repoTags.has) {
                images[index].repoTags.removeAll(where: image.repoTags.has)
                images[index] = state.pinned(images[index])
            }
            images.append(state.pinned(image))
            state.images = images
        }
    }

    /// Keeps an image from being removed by us while a container is made from it; ``release(_:)`` must follow.
    ///
    /// - Returns: false when it is gone, or being removed just now: then it is not held.
    package func hold(_ id: ImageID) -> Bool {
        state.withLock { state in
            guard !state.removing.contains(id), state.images?.contains(where: { $0.id == id }) == true else {
                return false
            }
            state.holds[id, default: 0] += 1
            return true
        }
    }

    package func release(_ id: ImageID) {
        state.withLock { state in
            guard let count = state.holds[id] else { return }
            state.holds[id] = count > 1 ? count - 1 : nil
        }
    }

    /// Keeps containers from being made from an image that is about to be removed; ``endRemoval(_:removed:)`` must follow.
    ///
    /// - Returns: false when a container is being made from it just now.
    package func beginRemoval(_ id: ImageID) -> Bool {
        state.withLock { state in
            guard state.holds[id] == nil else { return false }
            state.removing.insert(id)
            return true
        }
    }

    package func endRemoval(_ id: ImageID, removed: Bool) {
        state.withLock { state in
            state.removing.remove(id)
            guard removed else { return }
            state.generation += 1
            state.images?.removeAll { $0.id == id }
        }
    }
}

extension String {
    /// `host/name:tag@digest` → `host/name@digest`: with a digest the tag says nothing (Docker's rule), and stores list it without.
    var withoutTagBesideDigest: String {
        guard let (name, digest) = cut(at: "@"), let (path, tag) = name.cutLast(at: ":"), !tag.has("/") else {
            return self
        }
        return "\(path)@\(digest)"
    }
}
