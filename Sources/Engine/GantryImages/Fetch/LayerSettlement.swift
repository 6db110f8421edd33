import GantryCore

/// Settles the directories that downloaded layers only imply, base first: each layer's come from those below it.
struct LayerSettlement {
    let store: ImageStore
    let workspace: OpenDirectory

    /// - Parameters:
    ///   - known: the image's first layers, which are in the store.
    ///   - unpacked: the rest of them.
    func run(known: [StoreIndex.Layer], unpacked: [UnpackedLayer]) throws(EngineError) {
        guard unpacked.contains(where: { !$0.implied.isEmpty }) else { return }
        var lower: [OpenDirectory] = []
        for layer in known { lower.insert(try store.layers.open("\(layer.number)"), at: 0) }
        var steps = 0
        for layer in unpacked {
            let directory = try workspace.open(layer.directory)
            do throws(EngineError) {
                var directories = ImpliedDirectories(lower: lower, steps: steps)
                try directories.settle(layer.implied, of: directory)
                steps = directories.steps
            } catch {
                throw error.prefixed("layer \(layer.diffID)")
            }
            lower.insert(directory, at: 0)
        }
    }
}
