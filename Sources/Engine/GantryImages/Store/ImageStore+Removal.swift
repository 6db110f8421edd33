import ByteText
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

    /// What `collectGarbage` did.
    package struct Collected: Sendable {
        /// The images removed.
        package let images: [Digest]
        /// Why nothing was: what is in use could not be found out.
        package let obstacle: EngineError?
    }

    /// Removes images that were removed while an app used them and are used no more, with `nameless` also those that have no name and no
    /// use, layers and blobs of no image, and what killed processes left.
    package func collectGarbage(nameless: Bool) throws(EngineError) -> Collected {
        try Workspace.sweep(temporary)
        let workspace = try Workspace(in: temporary)
        var gone: [Digest] = []
        var obstacle: EngineError?
        try change(workspace) { (index) throws(EngineError) in
            let before = Set(index.images.keys)
            if nameless {
                for (id, image) in index.images where image.wanted.isEmpty { index.images[id]?.removed = true }
            }
            let uses = ImageUses.scan(dataDirectory, leases: leases)
            obstacle = uses.obstacle
            index.collect(keeping: uses)
            gone = before.subtracting(index.images.keys).sorted()
            // Aside names of a writer that was killed.
            for name in try root.names() where name.begins(with: ".") { try root.remove(name) }
        }
        if !gone.isEmpty { onChange() }
        return Collected(images: gone, obstacle: obstacle)
    }

    /// Changes the index under the exclusive lock, drops what nothing needs any more, and writes what differs. The files of dropped
    /// layers are removed after the lock is let go, with the workspace. What cannot be found out to be unused stays.
    /// - Throws: `unavailable` where the task was cancelled before the change was made.
    func change<Result>(
        _ workspace: borrowing Workspace, _ body: (inout StoreIndex) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        let lock = try lock()
        guard !Task.isCancelled else { throw EngineError(.unavailable, "was interrupted") }
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
            if let uses = try usesIfNeeded(index) { index.collect(keeping: uses) }
            try write(index, over: before)
            // The change is made, and a file that stays is dropped by the next one.
            try? dropFiles(notIn: index, into: workspace)
            return result
        } catch {
            // What was moved into place without being written down would stay until the next change.
            if let index = try? readIndex() { try? dropFiles(notIn: index, into: workspace) }
            throw error
        }
    }

    /// What is in use; nil where there is nothing that could be collected: a node may have hundreds of pods to look through.
    private func usesIfNeeded(_ index: StoreIndex) throws(EngineError) -> ImageUses? {
        let numbers = Set(index.layers.values.map { "\($0.number)" })
        let (layerNames, blobNames) = (try layers.names(), try blobs.names())
        let isTidy =
            !index.images.values.contains(where: \.removed) && index.neededLayers.isSuperset(of: index.layers.keys)
            && numbers.isSuperset(of: layerNames) && index.blobNames.isSuperset(of: blobNames)
        return isTidy ? nil : ImageUses.scan(dataDirectory, leases: leases)
    }

    /// An image of `images.json` has its layers in `layers.json`, and on disk, whenever a kill or the end of the power comes: the files of both,
    /// and the directories that something was moved into, are on disk before either bears its name, and of two names of one directory the
    /// later is never there without the earlier.
    private func write(_ index: StoreIndex, over before: StoreIndex) throws(EngineError) {
        var union = before
        union.layers.merge(index.layers) { _, new in new }
        var files: [(name: String, content: [UInt8])] = []
        if union.layers != before.layers { files.append(("layers.json", try union.checkedLayersFile(path: root.path))) }
        if index.images != before.images {
            files.append(("images.json", try index.checkedImagesFile(over: before, path: root.path)))
        }
        if !files.isEmpty { try replace(files) }
        if index.layers != union.layers { try root.replace("layers.json", with: index.layersFile) }
    }

    private func replace(_ files: [(name: String, content: [UInt8])]) throws(EngineError) {
        do throws(EngineError) {
            let synced = SyncedFiles()
            for file in files { try synced.add(root.create(OpenDirectory.aside(file.name), file.content)) }
            try synced.add(layers)
            try synced.add(blobs)
            try synced.sync()
        } catch {
            for file in files { try? root.remove(OpenDirectory.aside(file.name)) }
            throw error
        }
        for file in files { try root.rename(OpenDirectory.aside(file.name), to: root, as: file.name) }
        try root.sync()
    }

    /// What is in use is looked up once more, now that the index is written: whoever found something in the old one, without a lock, has his
    /// lease by now, or finds out that the index has changed.
    private func dropFiles(
        notIn index: StoreIndex, into workspace: borrowing Workspace
    ) throws(EngineError) {
        let known = Set(index.layers.values.map(\.number))
        let unknown = try layers.names().filter { name in !(Int(digits: name).map(known.contains) ?? false) }
        if !unknown.isEmpty {
            let uses = ImageUses.scan(dataDirectory, leases: leases)
            for name in unknown {
                if let number = Int(digits: name), uses.uses(layer: number) { continue }
                try layers.rename(name, to: workspace.directory, as: "layer-\(name)")
            }
        }
        for name in try blobs.names() where !index.blobNames.contains(name) { try blobs.remove(name) }
    }
}

extension StoreIndex {
    /// Forgets removed images that no app uses, and layers that no image and no app needs.
    mutating func collect(keeping uses: ImageUses) {
        images = images.filter { id, image in !image.removed || uses.uses(image: id) }
        let needed = neededLayers
        layers = layers.filter { id, layer in needed.contains(id) || uses.uses(layer: layer.number) }
    }

    /// The layers of all images, by whichever id they are known.
    fileprivate var neededLayers: Set<Digest> {
        var needed: Set<Digest> = []
        for image in images.values {
            for (chain, diffID) in zip(image.chain, image.layers) {
                needed.insert(layers[chain] == nil ? diffID : chain)
            }
        }
        return needed
    }

    fileprivate var blobNames: Set<String> { Set(images.values.flatMap { [$0.id.hex, $0.manifest.hex] }) }
}
