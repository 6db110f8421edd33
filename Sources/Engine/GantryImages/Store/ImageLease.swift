import GantryCore
import Glibc
import JSON

/// The store held still: no image and no layer goes away while this lives. `app add` holds it until the app is recorded.
package struct ImageLease: ~Copyable {
    /// What an app needs of its image.
    package struct Resolved: Sendable {
        package let id: Digest
        /// What the caller named it.
        package let name: String
        /// The configuration's `config` object with `os` and `architecture` beside.
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

    private let store: ImageStore
    private let lock: FileLock
    private let index: StoreIndex

    package init(_ store: ImageStore) throws(EngineError) {
        let lock = try store.lock(.shared)
        let index = try store.readIndex()
        self.store = store
        self.lock = lock
        self.index = index
    }

    /// Finds the image and its layers, and notes that it is used now. Never fetches.
    package func resolve(_ name: String) throws(EngineError) -> Resolved {
        let image = try index.image(named: name)
        let config = try ImageConfig(parsing: store.config(of: image.id), of: "image \(name)")
        var execution = config.execution.objectValue ?? [:]
        if let platform = config.platform {
            execution["os"] = .string(platform.os)
            execution["architecture"] = .string(platform.architecture)
        }
        let layers = try directories(of: image, named: name)
        utimensat(store.blobs.descriptor, image.id.hex, nil, 0)
        return Resolved(id: image.id, name: name, config: .object(execution), layers: layers)
    }

    /// Overlayfs takes a directory once. Of a layer that occurs more often only the topmost counts: whatever it holds is seen there, and
    /// whatever it hides is hidden from there.
    private func directories(of image: StoredImage, named name: String) throws(EngineError) -> [String] {
        var seen: Set<Digest> = []
        var directories: [String] = []
        for id in image.layers.reversed() where seen.insert(id).inserted {
            guard let layer = index.layers[id] else {
                throw EngineError(
                    .internal, "image \(name): its layer \(id) is missing; remove the image and fetch it again")
            }
            directories.append("\(store.layers.path)/\(layer.number)")
        }
        return directories.reversed()
    }
}

extension ImageLease {
    /// Lets go of the store; so does forgetting the value.
    package consuming func release() {}
}
