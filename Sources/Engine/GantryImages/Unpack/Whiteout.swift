import GantryCore

/// What a layer says about the layers below it (OCI image specification, "Representing Changes").
enum Whiteout: Equatable {
    /// `.wh.<name>`: the lower layers' `name` is gone.
    case removed(EntryName)
    /// `.wh..wh..opq`: whatever the lower layers have in this directory is gone.
    case opaque(EntryName)
    /// AUFS's own book-keeping; means nothing here.
    case ignored

    /// nil for an ordinary entry.
    init?(_ name: EntryName) throws(EngineError) {
        let last = name.last
        guard last.starts(with: ".wh.".utf8) else { return nil }
        if last.elementsEqual(".wh..wh..opq".utf8) {
            self = .opaque(name.parent)
        } else if last.starts(with: ".wh..wh.".utf8) {
            self = .ignored
        } else {
            let hidden = Array(last.dropFirst(4))
            guard !hidden.isEmpty, !hidden.elementsEqual(".".utf8), !hidden.elementsEqual("..".utf8) else {
                throw EngineError(.invalid, "entry \(name): a whiteout of nothing")
            }
            self = .removed(name.sibling(hidden))
        }
    }
}
