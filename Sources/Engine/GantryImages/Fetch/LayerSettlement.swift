import GantryCore

/// Settles the directories that downloaded layers only imply, base first: each layer's come from those below it.
struct LayerSettlement {
    let store: ImageStore
    let workspace: OpenDirectory

    /// - Parameter chain: all layers of the image, base first.
    func run(
        _ chain: [Digest], known: [Digest: StoreIndex.Layer], unpacked: [Digest: UnpackedLayer]
    ) throws(EngineError) {
        // Open, all the layers of an image would take a descriptor each.
        guard unpacked.values.contains(where: { !$0.implied.isEmpty }) else { return }
        var lower: [OpenDirectory] = []
        for id in chain {
            if let layer = unpacked[id] {
                let directory = try workspace.open(layer.directory)
                do throws(EngineError) {
                    try ImpliedDirectories(lower: lower).settle(layer.implied, of: directory)
                } catch {
                    throw error.prefixed("layer \(id)")
                }
                lower.insert(directory, at: 0)
            } else if let layer = known[id] {
                lower.insert(try store.layers.open("\(layer.number)"), at: 0)
            }
        }
    }
}
