import GantryCore
import Glibc

/// The two files of the index as they were at one moment, held open: as long as their names still are these very files, nobody has
/// changed the store since. (A file that is open keeps its inode's number from being given to another.)
struct IndexFiles: ~Copyable {
    private static let names = ["images.json", "layers.json"]

    private let directory: OpenDirectory
    /// -1 where there was no such file.
    private let descriptors: [Int32]

    init(in directory: OpenDirectory) throws(EngineError) {
        var descriptors: [Int32] = []
        for name in Self.names {
            let file = openat(directory.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 || errno == ENOENT else {
                let number = errno
                for descriptor in descriptors { close(descriptor) }
                throw .posix("opening \(directory.path)/\(name)", number)
            }
            descriptors.append(file)
        }
        self.descriptors = descriptors
        self.directory = directory
    }

    deinit {
        for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
    }

    func read() throws(EngineError) -> StoreIndex {
        try StoreIndex(images: content(0), layers: content(1), path: directory.path)
    }

    private func content(_ index: Int) throws(EngineError) -> [UInt8]? {
        guard descriptors[index] >= 0 else { return nil }
        return try OpenDirectory.readAll(
            descriptors[index], limit: IndexText.readable, path: "\(directory.path)/\(Self.names[index])")
    }

    /// Whether nobody has replaced either of them.
    var isCurrent: Bool {
        zip(Self.names, descriptors).allSatisfy { name, descriptor in
            descriptor >= 0
                ? directory.isSame(descriptor, as: name)
                : faccessat(directory.descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0
        }
    }
}

extension ImageStore {
    /// Finds something in the index and holds it by a lease, without a lock: no process that is stopped, a fetch or a collection at any step,
    /// can keep anybody from it.
    ///
    /// A collection first takes an image out of the index, then looks who holds a lease, and only then takes files away. So whoever
    /// finds the index unchanged once his lease is there has what it says.
    /// - Parameter find: what is found, and what is to be held of it.
    func hold<Found>(
        _ find: (StoreIndex) throws(EngineError) -> (found: Found, held: LeaseFile.Held)
    ) throws(EngineError) -> Holding<Found> {
        for _ in 0..<100 {
            let files = try IndexFiles(in: root)
            do throws(EngineError) {
                let (found, held) = try find(try files.read())
                let lease = try LeaseFile(held, in: leases)
                if files.isCurrent { return Holding(found: found, lease: lease) }
            } catch {
                // The two files may have been of different moments.
                if files.isCurrent { throw error }
            }
        }
        throw EngineError(.unavailable, "\(root.path): changes faster than something of it can be held; try again")
    }
}

/// What was found, and stays there while this lives.
struct Holding<Found>: ~Copyable {
    let found: Found
    private let lease: LeaseFile

    init(found: Found, lease: consuming LeaseFile) {
        self.found = found
        self.lease = lease
    }

    /// Lets go of it; so does forgetting the value.
    consuming func release() {}
}
