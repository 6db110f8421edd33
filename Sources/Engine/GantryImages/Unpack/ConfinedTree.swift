import CArchive
import GantryCore
import Glibc

/// The directory a layer is unpacked into. Whatever a name in the layer says, and whatever links the layer made before, nothing outside is
/// touched: every parent is opened by `openat2(2)` with this directory as the root of all links, and every last component is never followed.
final class ConfinedTree {
    let root: OpenDirectory
    /// The parent of the last entry: entries come directory by directory. Forgotten whenever a name may have changed its meaning.
    private var cached: (name: EntryName, descriptor: Int32)?

    init(_ root: OpenDirectory) {
        self.root = root
    }

    deinit {
        forget()
    }

    func forget() {
        if let cached { close(cached.descriptor) }
        cached = nil
    }

    /// The descriptor of a directory; it and its parents are made (0755, root's) where they are not there. Valid until the next call.
    func directory(_ name: EntryName) throws(EngineError) -> Int32 {
        if let cached, cached.name == name { return cached.descriptor }
        var descriptor = open(name)
        if descriptor < 0, errno == ENOENT {
            try makeParents(of: name)
            descriptor = open(name)
        }
        guard descriptor >= 0 else { throw .posix("entry \(name): opening the directory", errno) }
        forget()
        cached = (name, descriptor)
        return descriptor
    }

    /// The descriptor of a directory that must be there already; to be closed.
    func existing(_ name: EntryName) throws(EngineError) -> Int32 {
        let descriptor = open(name)
        guard descriptor >= 0 else { throw .posix("entry \(name): opening the directory", errno) }
        return descriptor
    }

    private func open(_ name: EntryName) -> Int32 {
        gantry_archive_open_in_root(root.descriptor, name.path, O_RDONLY | O_DIRECTORY)
    }

    /// - Parameter links: how many dangling links were followed on the way; the kernel stops at forty too.
    private func makeParents(of name: EntryName, links: Int = 0) throws(EngineError) {
        var parent = gantry_archive_open_in_root(root.descriptor, ".", O_RDONLY | O_DIRECTORY)
        guard parent >= 0 else { throw .posix("entry \(name): opening the layer", errno) }
        defer { close(parent) }
        var path = ""
        for component in name.components {
            path += path.isEmpty ? component : "/\(component)"
            var next = gantry_archive_open_in_root(root.descriptor, path, O_RDONLY | O_DIRECTORY)
            if next < 0, errno == ENOENT {
                if mkdirat(parent, component, 0o755) != 0 {
                    guard errno == EEXIST, links < 40 else {
                        throw .posix("entry \(name): making the directory \(path)", errno)
                    }
                    try makeParents(of: target(of: component, in: parent, name), links: links + 1)
                }
                next = gantry_archive_open_in_root(root.descriptor, path, O_RDONLY | O_DIRECTORY)
            }
            guard next >= 0 else { throw .posix("entry \(name): opening the directory \(path)", errno) }
            close(parent)
            parent = next
        }
    }

    /// Where a link leads whose target is not in this layer, but may be in one below: a link is then what both go by.
    private func target(of link: String, in parent: Int32, _ name: EntryName) throws(EngineError) -> EntryName {
        let target = try Self.readLink(link, in: parent, name)
        if target.hasPrefix("/") { return EntryName(clamping: target) }
        let base = try Self.readLink("/proc/self/fd/\(root.descriptor)", in: AT_FDCWD, name)
        let place = try Self.readLink("/proc/self/fd/\(parent)", in: AT_FDCWD, name)
        guard place.hasPrefix(base) else {
            throw EngineError(.internal, "entry \(name): its directory has left the layer")
        }
        return EntryName(clamping: "\(place.dropFirst(base.count))/\(target)")
    }

    private static func readLink(_ link: String, in directory: Int32, _ name: EntryName) throws(EngineError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(directory, link, &buffer, buffer.count)
        guard count >= 0 else { throw .posix("entry \(name): reading the link \(link)", errno) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
