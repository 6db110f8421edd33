import GantryCore

extension ImageManifest {
    /// The manifest of an index that suits `platform` best; of equals, the first.
    /// - Throws: `unsupported`, naming the platforms there are.
    static func choose(from entries: [Entry], for platform: ImagePlatform, of title: String) throws(EngineError)
        -> BlobDescriptor
    {
        var best: (distance: Int, descriptor: BlobDescriptor)?
        for entry in entries {
            guard let candidate = entry.platform, let distance = platform.distance(to: candidate) else { continue }
            if distance < best?.distance ?? Int.max { best = (distance, entry.descriptor) }
        }
        if let best { return best.descriptor }
        // An index need not name platforms; then the config of its only image decides.
        if entries.count == 1, entries[0].platform == nil { return entries[0].descriptor }
        let known = entries.compactMap(\.platform).filter { $0.os != "unknown" }.map(\.description)
        let list = known.isEmpty ? "none" : Set(known).sorted().prefix(20).joined(separator: ", ")
        throw EngineError(.unsupported, "\(title): has no image for \(platform); there are: \(list)")
    }
}
