extension Digest {
    /// The chain ids of layers given by their diff ids, base first (OCI image specification, "Layer ChainID").
    static func chain(_ diffIDs: [Digest]) -> [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            chain.append(chain.last.map { SHA256.digest(of: Array("\($0) \(diffID)".utf8)) } ?? diffID)
        }
        return chain
    }
}
