import GantryCore
import Glibc

extension ImageStore {
    /// Removes the named image with all its names. Where an app uses it, only the names go, and the rest when the last app is gone.
    /// - Returns: its id; nil where there is no such image.
    package func remove(_ name: String) throws(EngineError) -> Digest? {
        try Workspace.sweep(temporary)
        let workspace = try Workspace(in: temporary)
        let removed = try change(workspace) { (index) throws(EngineError) -> Digest? in
            guard let image = try index.find(name), !image.removed else { return nil }
            index.images[image.id]?.tags = []
            index.images[image.id]?.digests = []
            index.images[image.id]?.wanted = []
            index.images[image.id]?.removed = true
            return image.id
        }
        if removed != nil { onChange() }
        return removed
    }

    /// Removes images without a name that no app uses, layers and blobs of no image, and what killed processes left.
    /// - Returns: the images removed.
    package func collectGarbage() throws(EngineError) -> [Digest] {
        try Workspace.sweep(temporary)
        let workspace = try Workspace(in: temporary)
        var gone: [Digest] = []
        try change(workspace) { (index) throws(EngineError) in
            let before = Set(index.images.keys)
            for (id, image) in index.images where image.wanted.isEmpty { index.images[id]?.removed = true }
            let uses = try ImageUses.scan(dataDirectory)
            index.collect(keeping: uses)
            gone = before.subtracting(index.images.keys).sorted()
        }
        if !gone.isEmpty { onChange() }
        return gone
    }

    /// Changes the index under the exclusive lock, drops what nothing needs any more, and writes what differs. The files of dropped
    /// layers are removed after the lock is let go, with the workspace.
    func change<Result>(
        _ workspace: borrowing Workspace, _ body: (inout StoreIndex) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        let lock = try lock(.exclusive)
        let result = try changeLocked(workspace, body)
        lock.release()
        return result
    }

    private func changeLocked<Result>(
        _ workspace: borrowing Workspace, _ body: (inout StoreIndex) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        do throws(EngineError) {
            let before = try readIndex()
            var index = before
            let result = try body(&index)
            let uses = try ImageUses.scan(dataDirectory)
            index.collect(keeping: uses)
            try write(index, over: before)
            try dropFiles(notIn: index, keeping: uses, into: workspace)
            return result
        } catch {
            // What was moved into place without being written down would stay until the next change.
            if let index = try? readIndex(), let uses = try? ImageUses.scan(dataDirectory) {
                try? dropFiles(notIn: index, keeping: uses, into: workspace)
            }
            throw error
        }
    }

    /// An image of `images.json` has its layers in `layers.json` whenever a kill comes.
    private func write(_ index: StoreIndex, over before: StoreIndex) throws(EngineError) {
        var union = before
        union.layers.merge(index.layers) { _, new in new }
        if union.layers != before.layers { try root.replace("layers.json", with: union.layersFile) }
        if index.images != before.images { try root.replace("images.json", with: index.imagesFile) }
        if index.layers != union.layers { try root.replace("layers.json", with: index.layersFile) }
    }

    private func dropFiles(
        notIn index: StoreIndex, keeping uses: ImageUses, into workspace: borrowing Workspace
    ) throws(EngineError) {
        let numbers = Set(index.layers.values.map(\.number)).union(uses.layers).map(String.init)
        let keptLayers = Set(numbers)
        for name in try layers.names() where !keptLayers.contains(name) {
            try layers.rename(name, to: workspace.directory, as: "layer-\(name)")
        }
        let keptBlobs = Set(index.images.values.flatMap { [$0.id.hex, $0.manifest.hex] })
        for name in try blobs.names() where !keptBlobs.contains(name) { try blobs.remove(name) }
    }
}

extension StoreIndex {
    /// Forgets removed images that no app uses, and layers that no image and no app needs.
    mutating func collect(keeping uses: ImageUses) {
        images = images.filter { id, image in !image.removed || uses.images.contains(id) }
        let needed = Set(images.values.flatMap(\.layers))
        layers = layers.filter { id, layer in needed.contains(id) || uses.layers.contains(layer.number) }
    }
}
