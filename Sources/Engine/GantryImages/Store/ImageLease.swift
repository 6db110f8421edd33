import GantryCore
import Glibc
import JSON

/// Images found in the store, and held: none of their layers goes away while this lives. `app add` keeps it until the app is recorded.
package struct ImageLease: ~Copyable {
    /// What an app needs of its image.
    package struct Resolved: Sendable {
        package let id: Digest
        /// What the caller named it.
        package let name: String
        /// What the supervisor reads of the configuration's `config` object, with `os` and `architecture` beside.
        package let config: JSON
        /// Absolute directories, base first.
        package let layers: [String]

        /// As the supervisor is given it.
        package var json: JSON {
            [
                "id": .string(id.description), "name": .string(name), "config": config,
                "layers": .array(layers.map(JSON.string)),
            ]
        }
    }

    /// By the name that was asked for.
    package let images: [String: Resolved]
    private let holding: Holding<[String: Resolved]>

    /// Finds images and their layers, and notes that they are used now. Never fetches, and waits for nobody.
    /// - Throws: `not-found`, `invalid` for a name that is none.
    package init(_ store: ImageStore, of names: [String]) throws(EngineError) {
        holding = try store.hold { (index) throws(EngineError) in
            var images: [String: Resolved] = [:]
            var held = LeaseFile.Held()
            for name in names where images[name] == nil {
                let image = try index.image(named: name)
                images[name] = try Self.resolve(image, named: name, index, store)
                held.images.insert(image.id)
                held.layers.formUnion(index.layerNumbers(of: image).compactMap { $0 })
            }
            return (images, held)
        }
        images = holding.found
    }

    /// One of the images it was made for.
    package func resolved(_ name: String) throws(EngineError) -> Resolved {
        guard let image = images[name] else { throw EngineError(.internal, "image \(name): is not held") }
        return image
    }

    private static func resolve(
        _ image: StoredImage, named name: String, _ index: StoreIndex, _ store: ImageStore
    ) throws(EngineError) -> Resolved {
        let config = try ImageConfig(parsing: store.config(of: image.id), of: "image \(name)")
        var execution = GantryCore.ImageConfig.needed(of: config.execution.objectValue ?? [:])
        if let platform = config.platform {
            execution["os"] = .string(platform.os)
            execution["architecture"] = .string(platform.architecture)
        }
        utimensat(store.blobs.descriptor, image.id.hex, nil, 0)
        return Resolved(
            id: image.id, name: name, config: .object(execution),
            layers: try directories(of: image, named: name, index, store))
    }

    /// Overlayfs takes a directory once. Of a layer that occurs more often only the topmost counts: whatever it holds is seen there, and
    /// whatever it hides is hidden from there.
    private static func directories(
        of image: StoredImage, named name: String, _ index: StoreIndex, _ store: ImageStore
    ) throws(EngineError) -> [String] {
        var seen: Set<Int> = []
        var directories: [String] = []
        for (id, number) in zip(image.layers, index.layerNumbers(of: image)).reversed() {
            guard let number else {
                throw EngineError(
                    .internal, "image \(name): its layer \(id) is missing; remove the image and fetch it again")
            }
            if seen.insert(number).inserted { directories.append("\(store.layers.path)/\(number)") }
        }
        return directories.reversed()
    }
}

extension ImageLease {
    /// Lets go of the images; so does forgetting the value.
    package consuming func release() {}
}
