extension Digest {
    /// The chain ids of layers given by their diff ids, base first (OCI image specification, "Layer ChainID").
    static func chain(_ diffIDs: [Digest]) -> [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs { chain.append(diffID.chained(to: chain.last)) }
        return chain
    }

    /// The chain id of a layer of this diff id above another chain; nil: a base.
    func chained(to parent: Digest?) -> Digest {
        parent.map { SHA256.digest(of: Array("\($0) \(self)".utf8)) } ?? self
    }
}
