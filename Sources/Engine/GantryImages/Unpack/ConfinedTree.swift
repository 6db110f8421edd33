import CArchive
import GantryCore
import Glibc

/// The directory a layer is unpacked into. Whatever a name in the layer says, and whatever links the layer made before, nothing outside is
/// touched: every parent is opened by `openat2(2)` with this directory as the root of all links, and every last component is never followed.
///
/// Of a directory nothing is remembered but its inode and what its entry said of it: names may be a thousand times longer.
final class ConfinedTree {
    /// What is known of a directory of the layer.
    enum Directory {
        /// No entry described it: it was made only for what is in it.
        case implied
        /// Its time, which is set at the end: whatever is made in it changes it.
        case described(timespec)
    }

    let root: OpenDirectory
    private(set) var directories: [ino_t: Directory] = [:]
    private let meter: UnpackMeter
    /// The parent of the last entry: entries come directory by directory. Forgotten whenever a name may have changed its meaning.
    private var cached: (name: EntryName, descriptor: Int32)?
    /// Directories on the way of the longest link of this layer; 0: it has none.
    private var longestLink = 0

    init(_ root: OpenDirectory, _ meter: UnpackMeter) {
        self.root = root
        self.meter = meter
        if let inode = Self.inode(of: root.descriptor) { directories[inode] = .implied }
    }

    deinit {
        forget()
    }

    func forget() {
        if let cached { close(cached.descriptor) }
        cached = nil
    }

    /// An entry has said what this directory is.
    func describe(_ directory: Int32, _ time: timespec) {
        if let inode = Self.inode(of: directory) { directories[inode] = .described(time) }
    }

    /// A symbolic link was made: the kernel goes its way from now on.
    func hasLink(to target: [UInt8]) {
        longestLink = max(longestLink, target.count { $0 == UInt8(ascii: "/") } + 1)
    }

    /// The descriptor of a directory; it and its parents are made (0755, root's) where they are not there. Valid until the next call.
    func directory(_ name: EntryName) throws(EngineError) -> Int32 {
        if let cached, cached.name == name { return cached.descriptor }
        var opened = try open(name)
        // ENOTDIR may be a whiteout, in whose place a directory comes.
        if opened == -ENOENT || opened == -ENOTDIR {
            try makeParents(of: name)
            opened = try open(name)
        }
        guard opened >= 0 else { throw .entry(name, "opening the directory", -opened) }
        forget()
        cached = (name, opened)
        return opened
    }

    /// The descriptor of a directory that must be there already, to be closed; nil where it is not.
    func existing(_ name: EntryName) throws(EngineError) -> Int32? {
        let opened = try open(name)
        if opened == -ENOENT || opened == -ENOTDIR { return nil }
        guard opened >= 0 else { throw .entry(name, "opening the directory", -opened) }
        return opened
    }

    /// - Returns: a descriptor, or the number of an error below zero.
    private func open(_ name: EntryName) throws(EngineError) -> Int32 {
        let depth = name.depth + 1
        try meter.walks(depth)
        let opened = result(gantry_archive_open_in_root(root.descriptor, name.path, O_RDONLY | O_DIRECTORY, 0))
        guard opened == -ELOOP, longestLink > 0 else { return opened }
        // The kernel follows forty links, and does not say how many it met.
        try meter.walks(depth + 40 * longestLink)
        return result(gantry_archive_open_in_root(root.descriptor, name.path, O_RDONLY | O_DIRECTORY, 1))
    }

    private func result(_ descriptor: Int32) -> Int32 { descriptor < 0 ? -errno : descriptor }

    /// - Parameter links: how many dangling links were followed on the way; the kernel stops at forty too.
    private func makeParents(of name: EntryName, links: Int = 0) throws(EngineError) {
        var parent = gantry_archive_open_in_root(root.descriptor, ".", O_RDONLY | O_DIRECTORY, 0)
        guard parent >= 0 else { throw .entry(name, "opening the layer", errno) }
        defer { close(parent) }
        var end = name.bytes.startIndex
        for component in name.components {
            end = component.endIndex
            try meter.walks(1)
            let last = Array(component).terminated
            var next = result(openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
            if next == -ENOENT || next == -ENOTDIR || next == -ELOOP {
                let path = EntryName(cleaned: Array(name.bytes[..<end]))
                if next != -ENOENT { next = try open(path) }
                if next == -ENOENT || next == -ENOTDIR {
                    next = try make(path, last, in: parent, of: name, links: links)
                }
            }
            guard next >= 0 else {
                throw .entry(name, "opening the directory \(EntryName(cleaned: Array(name.bytes[..<end])))", -next)
            }
            close(parent)
            parent = next
        }
    }

    /// Makes one directory that no entry describes. Where a whiteout is in its place, it hides what lower layers have, as the whiteout did;
    /// where a link is, what that leads to is made.
    /// - Returns: its descriptor, or the number of an error below zero.
    private func make(
        _ path: EntryName, _ last: [CChar], in parent: Int32, of name: EntryName, links: Int
    ) throws(EngineError) -> Int32 {
        try meter.madeEntry()
        var isWhiteout = false
        if mkdirat(parent, last, 0o755) != 0 {
            guard errno == EEXIST else { throw .entry(name, "making the directory \(path)", errno) }
            var status = stat()
            guard fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .entry(name, "looking at \(path)", errno)
            }
            if status.st_mode & S_IFMT == S_IFLNK {
                guard links < 40 else { throw .entry(name, "making the directory \(path)", ELOOP) }
                try makeParents(of: target(of: last, in: parent, name), links: links + 1)
                return try open(path)
            }
            isWhiteout = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
            guard isWhiteout else { throw .entry(name, "making the directory \(path)", ENOTDIR) }
            guard unlinkat(parent, last, 0) == 0, mkdirat(parent, last, 0o755) == 0 else {
                throw .entry(name, "making the directory \(path)", errno)
            }
        }
        let made = openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard made >= 0 else { throw .entry(name, "opening the directory \(path)", errno) }
        do throws(EngineError) {
            try prepare(made, isWhiteout: isWhiteout, path, name)
        } catch {
            close(made)
            throw error
        }
        return made
    }

    private func prepare(_ made: Int32, isWhiteout: Bool, _ path: EntryName, _ name: EntryName) throws(EngineError) {
        // Whatever the process's umask is.
        guard fchmod(made, 0o755) == 0 else { throw .entry(name, "setting the mode of \(path)", errno) }
        guard let inode = Self.inode(of: made) else { return }
        guard isWhiteout else {
            directories[inode] = .implied
            return
        }
        // The number may have been another directory's, which is gone.
        directories[inode] = nil
        guard fsetxattr(made, "trusted.overlay.opaque", "y", 1, 0) == 0 else {
            throw .entry(name, "making \(path) opaque", errno)
        }
    }

    /// Where a link leads whose target is not in this layer, but may be in one below: a link is then what both go by.
    private func target(of link: [CChar], in parent: Int32, _ name: EntryName) throws(EngineError) -> EntryName {
        let target = try Self.readLink(link, in: parent, name)
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
