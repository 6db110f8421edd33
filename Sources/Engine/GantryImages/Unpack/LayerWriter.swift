import CArchive
import GantryCore
import Glibc

/// Makes a layer's entries into the files that overlayfs wants in a lower directory.
///
/// Whiteouts become character devices 0/0, opaque directories bear `trusted.overlay.opaque`. An entry replaces one of the same name that
/// came before it, but for a directory, which takes on the new attributes.
final class LayerWriter {
    private let tree: ConfinedTree
    private let meter: UnpackMeter
    private var sinceLook: Int64 = 0

    /// Bytes written between two looks at the free room, and what is left of it to others.
    private static let lookEvery: Int64 = 16 << 20
    private static let spared: Int64 = 64 << 20
    /// What every file system takes a file's content in.
    private static let block: Int64 = 4096

    init(_ root: OpenDirectory, _ meter: UnpackMeter) {
        tree = ConfinedTree(root, meter)
        self.meter = meter
    }

    func add(_ entry: TarEntry, _ reader: TarReader) throws(EngineError) {
        try meter.madeEntry()
        try reserve(Self.block)
        switch try Whiteout(entry.name) {
        case .removed(let name): try hide(name)
        case .opaque(let name): try makeOpaque(tree.directory(name), name)
        case .ignored: break
        case nil: try make(entry, reader)
        }
    }

    /// Sets what could only be set at the end, and answers what came of it.
    func finish() throws(EngineError) -> UnpackedTree {
        tree.forget()
        var unpacked = UnpackedTree(tree.directories, meter)
        try unpacked.finish(tree.root)
        return unpacked
    }

    private func make(_ entry: TarEntry, _ reader: TarReader) throws(EngineError) {
        guard !entry.name.isRoot else { return try adopt(entry, directory: tree.directory(entry.name)) }
        let last = entry.name.lastPath
        let hidden = try clear(entry)
        let parent = try tree.directory(entry.name.parent)
        switch entry.kind {
        case .file: try writeFile(entry, parent, reader)
        case .directory: try makeDirectory(entry, parent, hidden: hidden)
        case .hardLink(let target): try link(entry.name, to: target)
        case .symbolicLink(let target):
            guard symlinkat(target.terminated, parent, last) == 0 else {
                throw .entry(entry.name, "making the symbolic link", errno)
            }
            tree.hasLink(to: target)
            try EntryAttributes.apply(entry, toName: last, in: parent)
        case .fifo:
            guard mkfifoat(parent, last, 0o600) == 0 else {
                throw .entry(entry.name, "making the fifo", errno)
            }
            try EntryAttributes.apply(entry, toName: last, in: parent)
        case .characterDevice(let major, let minor): try makeDevice(entry, S_IFCHR, major, minor, parent)
        case .blockDevice(let major, let minor): try makeDevice(entry, S_IFBLK, major, minor, parent)
        }
    }

    /// Makes room for an entry: takes away what an earlier entry of this layer put there.
    /// - Returns: whether that was a whiteout.
    private func clear(_ entry: TarEntry) throws(EngineError) -> Bool {
        let parent = try tree.directory(entry.name.parent)
        let last = entry.name.lastPath
        var status = stat()
        guard fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw .entry(entry.name, "looking at its place", errno)
        }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if isDirectory, entry.kind == .directory { return false }
        if case .hardLink(let target) = entry.kind, target == entry.name { return false }
        if isDirectory {
            guard let copy = try tree.existing(entry.name.parent) else { return false }
            try OpenDirectory.adopting(copy, path: tree.root.path).removeTree(last)
        } else {
            guard unlinkat(parent, last, 0) == 0 else {
                throw .entry(entry.name, "replacing an earlier one", errno)
            }
        }
        tree.forget()
        return status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
    }

    private func writeFile(_ entry: TarEntry, _ parent: Int32, _ reader: TarReader) throws(EngineError) {
        let file = openat(parent, entry.name.lastPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .entry(entry.name, "creating the file", errno) }
        defer { close(file) }
        var length: Int64 = 0
        // The end of the last block that is counted: pieces come in order, and do not overlap.
        var counted: Int64 = 0
        try reader.content { (bytes, offset) throws(EngineError) in
            guard !bytes.isEmpty else { return }
            length = offset + Int64(bytes.count)
            let end = length.addingSaturating(Self.block - 1) / Self.block * Self.block
            let fresh = end - max(counted, offset / Self.block * Self.block)
            counted = max(counted, end)
            try reserve(fresh)
            try Self.write(bytes, at: offset, to: file, entry.name)
        }
        if case .file(let declared) = entry.kind, declared > length {
            guard ftruncate(file, Int(declared)) == 0 else {
                throw .entry(entry.name, "setting its length", errno)
            }
        }
        try EntryAttributes.apply(entry, to: file)
        // It has to be on disk soon, and the disk has nothing else to do meanwhile.
        gantry_archive_begin_writing(file)
    }

    /// A blob of little may hold very much: it must not take the last room of the disk, which apps write to as well.
    private func reserve(_ written: Int64) throws(EngineError) {
        try meter.stored(written)
        sinceLook += written
        guard sinceLook >= Self.lookEvery else { return }
        sinceLook = 0
        try tree.root.requireSpace(for: Self.spared)
        try tree.root.requireInodes()
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, to file: Int32, _ name: EntryName)
        throws(EngineError)
    {
        var done = 0
        while done < bytes.count {
            let count = pwrite(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, Int(offset) + done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .entry(name, "writing the file", errno) }
            done += count
        }
    }

    private func makeDirectory(_ entry: TarEntry, _ parent: Int32, hidden: Bool) throws(EngineError) {
        guard mkdirat(parent, entry.name.lastPath, 0o755) == 0 || errno == EEXIST else {
            throw .entry(entry.name, "making the directory", errno)
        }
        let directory = openat(parent, entry.name.lastPath, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw .entry(entry.name, "opening the directory", errno) }
        defer { close(directory) }
        try adopt(entry, directory: directory)
        // The lower layers' directory is gone, and this one came in its place.
        if hidden { try makeOpaque(directory, entry.name) }
    }

    private func adopt(_ entry: TarEntry, directory: Int32) throws(EngineError) {
        guard entry.kind == .directory else {
            throw EngineError(.invalid, "entry \(entry.name): the root of a layer is a directory")
        }
        try EntryAttributes.apply(entry, to: directory)
        tree.describe(directory, entry.modified)
    }

    private func link(_ name: EntryName, to target: EntryName) throws(EngineError) {
        guard name != target else { return }
        guard !target.isRoot else { throw EngineError(.invalid, "entry \(name): is a hard link to the layer's root") }
        guard let from = try tree.existing(target.parent) else { throw Self.noTarget(name, target) }
        defer { close(from) }
        guard linkat(from, target.lastPath, try tree.directory(name.parent), name.lastPath, 0) == 0 else {
            if errno == ENOENT || errno == EPERM { throw Self.noTarget(name, target) }
            throw .entry(name, "linking to \(target)", errno)
        }
    }

    private static func noTarget(_ name: EntryName, _ target: EntryName) -> EngineError {
        EngineError(.invalid, "entry \(name): is a hard link to \(target), which must be a file of the same layer")
    }

    private func makeDevice(_ entry: TarEntry, _ kind: mode_t, _ major: UInt32, _ minor: UInt32, _ parent: Int32)
        throws(EngineError)
    {
        guard gantry_archive_mknodat(parent, entry.name.lastPath, kind | 0o600, major, minor) == 0 else {
            throw .entry(entry.name, "making the device", errno)
        }
        try EntryAttributes.apply(entry, toName: entry.name.lastPath, in: parent)
    }

    /// A whiteout is about the layers below: of what this very layer has under the name, only the lower part goes.
    func hide(_ name: EntryName) throws(EngineError) {
        let parent = try tree.directory(name.parent)
        if gantry_archive_mknodat(parent, name.lastPath, S_IFCHR, 0, 0) == 0 { return }
        guard errno == EEXIST else { throw .entry(name, "making the whiteout", errno) }
        let directory = openat(parent, name.lastPath, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return }
        defer { close(directory) }
        try makeOpaque(directory, name)
    }

    private func makeOpaque(_ directory: Int32, _ name: EntryName) throws(EngineError) {
        guard fsetxattr(directory, "trusted.overlay.opaque", "y", 1, 0) == 0 else {
            throw .entry(name, "making the directory opaque", errno)
        }
    }
}
