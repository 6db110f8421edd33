import CArchive
import GantryCore
import Glibc

/// The directory a layer is unpacked into. Whatever a name in the layer says, and whatever links the layer made before, nothing outside is
/// touched: every parent is opened by `openat2(2)` with this directory as the root of all links, and every last component is never followed.
final class ConfinedTree {
    let root: OpenDirectory
    /// The parent of the last entry: entries come directory by directory. Forgotten whenever a name may have changed its meaning.
    private var cached: (name: EntryName, descriptor: Int32)?
    /// Directories that no entry described, by inode: they were made only for what is in them.
    private var implied: [ino_t: EntryName] = [:]

    init(_ root: OpenDirectory) {
        self.root = root
        if let inode = Self.inode(of: root.descriptor) { implied[inode] = EntryName(components: []) }
    }

    deinit {
        forget()
    }

    func forget() {
        if let cached { close(cached.descriptor) }
        cached = nil
    }

    /// What only the layers below can say the attributes of; parents before what is in them. A name may stand for nothing any more.
    var impliedDirectories: [EntryName] { implied.values.sorted { $0.components.count < $1.components.count } }

    /// An entry has said what this directory is.
    func isDescribed(_ directory: Int32) {
        if let inode = Self.inode(of: directory) { implied[inode] = nil }
    }

    /// The descriptor of a directory; it and its parents are made (0755, root's) where they are not there. Valid until the next call.
    func directory(_ name: EntryName) throws(EngineError) -> Int32 {
        if let cached, cached.name == name { return cached.descriptor }
        var descriptor = open(name)
        // ENOTDIR may be a whiteout, in whose place a directory comes.
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR {
            try makeParents(of: name)
            descriptor = open(name)
        }
        guard descriptor >= 0 else { throw .entry(name, "opening the directory", errno) }
        forget()
        cached = (name, descriptor)
        return descriptor
    }

    /// The descriptor of a directory that must be there already; to be closed.
    func existing(_ name: EntryName) throws(EngineError) -> Int32 {
        let descriptor = open(name)
        guard descriptor >= 0 else { throw .entry(name, "opening the directory", errno) }
        return descriptor
    }

    private func open(_ name: EntryName) -> Int32 {
        gantry_archive_open_in_root(root.descriptor, name.path, O_RDONLY | O_DIRECTORY)
    }

    /// - Parameter links: how many dangling links were followed on the way; the kernel stops at forty too.
    private func makeParents(of name: EntryName, links: Int = 0) throws(EngineError) {
        var parent = gantry_archive_open_in_root(root.descriptor, ".", O_RDONLY | O_DIRECTORY)
        guard parent >= 0 else { throw .entry(name, "opening the layer", errno) }
        defer { close(parent) }
        for depth in 1...max(1, name.components.count) where depth <= name.components.count {
            let path = EntryName(components: Array(name.components[..<depth]))
            var next = open(path)
            if next < 0, errno == ENOENT || errno == ENOTDIR {
                if try !make(path, in: parent, of: name) {
                    guard links < 40 else { throw .entry(name, "making the directory \(path)", ELOOP) }
                    try makeParents(of: target(of: path, in: parent, name), links: links + 1)
                }
                next = open(path)
            }
            guard next >= 0 else { throw .entry(name, "opening the directory \(path)", errno) }
            close(parent)
            parent = next
        }
    }

    /// Makes one directory that no entry describes. Where a whiteout is in its place, it hides what lower layers have, as the whiteout did.
    /// - Returns: false where a link is in its place.
    private func make(_ path: EntryName, in parent: Int32, of name: EntryName) throws(EngineError) -> Bool {
        let last = path.lastPath
        var isWhiteout = false
        if mkdirat(parent, last, 0o755) != 0 {
            guard errno == EEXIST else { throw .entry(name, "making the directory \(path)", errno) }
            var status = stat()
            guard fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .entry(name, "looking at \(path)", errno)
            }
            if status.st_mode & S_IFMT == S_IFLNK { return false }
            isWhiteout = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
            guard isWhiteout else { throw .entry(name, "making the directory \(path)", ENOTDIR) }
            guard unlinkat(parent, last, 0) == 0, mkdirat(parent, last, 0o755) == 0 else {
                throw .entry(name, "making the directory \(path)", errno)
            }
        }
        let made = openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard made >= 0 else { throw .entry(name, "opening the directory \(path)", errno) }
        defer { close(made) }
        // Whatever the process's umask is.
        guard fchmod(made, 0o755) == 0 else { throw .entry(name, "setting the mode of \(path)", errno) }
        if isWhiteout {
            guard fsetxattr(made, "trusted.overlay.opaque", "y", 1, 0) == 0 else {
                throw .entry(name, "making \(path) opaque", errno)
            }
        } else if let inode = Self.inode(of: made) {
            implied[inode] = EntryName(clamping: try place(of: made, name))
        }
        return true
    }

    /// Where a link leads whose target is not in this layer, but may be in one below: a link is then what both go by.
    private func target(of link: EntryName, in parent: Int32, _ name: EntryName) throws(EngineError) -> EntryName {
        let target = try Self.readLink(link.lastPath, in: parent, name)
        if target.first == UInt8(ascii: "/") { return EntryName(clamping: target) }
        return EntryName(clamping: try place(of: parent, name) + [UInt8(ascii: "/")] + target)
    }

    /// The way from the root to an open directory, without links.
    private func place(of directory: Int32, _ name: EntryName) throws(EngineError) -> [UInt8] {
        let base = try Self.readLink(Array("/proc/self/fd/\(root.descriptor)".utf8).terminated, in: AT_FDCWD, name)
        let place = try Self.readLink(Array("/proc/self/fd/\(directory)".utf8).terminated, in: AT_FDCWD, name)
        guard place.starts(with: base) else {
            throw EngineError(.internal, "entry \(name): its directory has left the layer")
        }
        return Array(place.dropFirst(base.count))
    }

    private static func readLink(_ link: [CChar], in directory: Int32, _ name: EntryName) throws(EngineError) -> [UInt8]
    {
        // More than PATH_MAX, since the kernel shows an open directory's whole path.
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        let count = readlinkat(directory, link, &buffer, buffer.count)
        guard count >= 0 else { throw .entry(name, "reading a link", errno) }
        return buffer[..<count].map { UInt8(truncatingIfNeeded: $0) }
    }

    private static func inode(of file: Int32) -> ino_t? {
        var status = stat()
        return fstat(file, &status) == 0 ? status.st_ino : nil
    }
}
