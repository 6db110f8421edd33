import ByteText
import Domain
import Synchronization

/// By what names images were asked for: rkt forgets a digest and changes a registry's port. A file for each image id, a name on each line.
final class RktImageNames: Sendable {
    private static let directoryName = "images"
    private let directory: RktStateDirectory
    private let known = Mutex<[String: [String]]?>(nil)

    init(_ directory: RktStateDirectory) { self.directory = directory }

    /// Empty for an image that the daemon did not pull.
    func names(of id: ImageID) -> [String] { known.withLock { load(&$0)[id.rawValue] ?? [] } }

    /// A name means one image: it is taken from the one that had it before.
    ///
    /// - Throws: why it cannot be kept.
    func add(_ reference: ImageReference, to id: ImageID) throws(DomainError) {
        // With a digest the tag says nothing more.
        let name = reference.digest == nil ? reference.description : reference.source
        let result = known.withLock { known -> Result<Void, DomainError> in
            var all = load(&known)
            let before = all
            for other in all.keys where !other.isSame(as: id.rawValue) { all[other]?.removeAll { $0.isSame(as: name) } }
            if !(all[id.rawValue] ?? []).has(name) { all[id.rawValue, default: []].append(name) }
            known = all
            return Result { () throws(DomainError) in
                for (id, names) in all where before[id] != names {
                    try directory.write(names, to: "\(Self.directoryName)/\(id)")
                }
            }
        }
        try result.get()
    }

    func forget(_ id: ImageID) {
        known.withLock { known in
            known?[id.rawValue] = nil
            directory.remove("\(Self.directoryName)/\(id)")
        }
    }

    private func load(_ known: inout [String: [String]]?) -> [String: [String]] {
        if let known { return known }
        var all: [String: [String]] = [:]
        for id in directory.names(Self.directoryName) where ImageReference.isImageID(id) {
            all[id] = directory.lines("\(Self.directoryName)/\(id)")
        }
        known = all
        return all
    }
}
