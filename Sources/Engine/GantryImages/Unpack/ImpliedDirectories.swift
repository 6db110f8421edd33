import CArchive
import GantryCore
import Glibc

/// Directories of a layer that its archive says nothing about, but has something in.
///
/// Overlayfs shows a merged directory with the attributes of the uppermost layer that has it, so such a directory must look like the one
/// below it: else a file in `tmp/` makes `/tmp` a directory where nobody may write. That makes the layer one of its place: another image,
/// with other layers below, may need it otherwise.
struct ImpliedDirectories {
    /// The layers below, uppermost first, settled themselves.
    let lower: [OpenDirectory]
    /// Directories of lower layers that were looked into, on the ways to what was looked for too, and how many may be.
    private(set) var steps: Int
    private let limit: Int
    private let synced = SyncedFiles()

    /// - Parameter steps: of the image's layers before this one.
    init(lower: [OpenDirectory], steps: Int = 0, limit: Int = ImageLimits.standard.settlingSteps) {
        self.lower = lower
        self.steps = steps
        self.limit = limit
    }

    /// A directory that the walk is in.
    private struct Place {
        /// From the layer's root.
        var path: [UInt8]
        /// Those of the lower layers that have the directory, as overlayfs would merge them, uppermost first.
        var below: [OpenDirectory]
    }

    /// Gives directories of `layer` the attributes they have below; those that are nowhere below stay as they are.
    /// - Parameter inodes: of the directories.
    mutating func settle(_ inodes: Set<ino_t>, of layer: OpenDirectory) throws(EngineError) {
        guard !inodes.isEmpty else { return }
        let root = openat(layer.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw .posix("opening \(layer.path)", errno) }
        var waiting = inodes
        do throws(EngineError) {
            try settle(root, Place(path: [], below: try merged([], in: lower)), &waiting)
        } catch {
            close(root)
            throw error
        }
        close(root)
        try synced.sync()
    }

    /// - Parameter directory: an open descriptor, which stays the caller's.
    private mutating func settle(_ directory: Int32, _ place: Place, _ waiting: inout Set<ino_t>) throws(EngineError) {
        guard !Task.isCancelled else { throw EngineError(.unavailable, "was interrupted") }
        var status = stat()
        guard fstat(directory, &status) == 0 else { throw .posix("looking at what was unpacked", errno) }
        let name = EntryName(cleaned: place.path)
        let isImplied = waiting.remove(status.st_ino) != nil
        // What is opaque shows nothing of what is below, and nothing below it is.
        guard let uppermost = place.below.first, !Self.isOpaque(directory) else { return }
        if isImplied {
            let model = open(name, in: uppermost)
            guard model >= 0 else { throw .entry(name, "opening it in a lower layer", errno) }
            defer { close(model) }
            try Self.copyAttributes(of: model, to: directory, name)
            try synced.add(copying: directory)
        }
        guard !waiting.isEmpty else { return }
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .entry(name, "listing it", errno) }
        try OpenDirectory.forEach(in: copy, path: name.description) { (parent, component) throws(EngineError) in
            let inner = openat(parent, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { return }
            defer { close(inner) }
            let bytes = UnsafeBufferPointer(start: component, count: strlen(component))
            let path =
                place.path + (place.path.isEmpty ? [] : [UInt8(ascii: "/")])
                + bytes.map { UInt8(truncatingIfNeeded: $0) }
            try settle(inner, Place(path: path, below: try merged(path, in: place.below)), &waiting)
        }
    }

    /// Those of the layers, all of which have what the directory is in, that overlayfs would show it of: as far as one is opaque, or has
    /// something else of that name.
    private mutating func merged(_ path: [UInt8], in layers: [OpenDirectory]) throws(EngineError) -> [OpenDirectory] {
        let name = EntryName(cleaned: path)
        var found: [OpenDirectory] = []
        for layer in layers {
            steps = steps.addingSaturating(name.depth + 1)
            guard steps <= limit else {
                throw .beyond(limit, "directories to look into below those that its layers only imply")
            }
            let directory = open(name, in: layer)
            guard directory >= 0 else {
                if errno == ENOENT { continue }
                if errno == ENOTDIR || errno == ELOOP { break }
                throw .entry(name, "looking for it in a lower layer", errno)
            }
            defer { close(directory) }
            found.append(layer)
            if Self.isOpaque(directory) { break }
        }
        return found
    }

    private func open(_ name: EntryName, in layer: OpenDirectory) -> Int32 {
        gantry_archive_open_in_root(layer.descriptor, name.path, O_RDONLY | O_DIRECTORY, 0)
    }

    private static func isOpaque(_ directory: Int32) -> Bool {
        var value: UInt8 = 0
        return fgetxattr(directory, "trusted.overlay.opaque", &value, 1) == 1 && value == UInt8(ascii: "y")
    }

    private static func copyAttributes(of model: Int32, to directory: Int32, _ name: EntryName) throws(EngineError) {
        var status = stat()
        guard fstat(model, &status) == 0 else { throw .entry(name, "reading its attributes below", errno) }
        guard fchown(directory, status.st_uid, status.st_gid) == 0 else {
            throw .entry(name, "setting its owner", errno)
        }
        for attribute in attributeNames(of: model) where TarEntry.isAllowed(attribute) {
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let count = fgetxattr(model, attribute, &value, value.count)
            guard count >= 0 else { throw .entry(name, "reading its attribute \(attribute) below", errno) }
            if fsetxattr(directory, attribute, value, count, 0) != 0 {
                try EntryAttributes.refused(attribute, of: name, errno, on: directory)
            }
        }
        guard fchmod(directory, status.st_mode & 0o7777) == 0 else { throw .entry(name, "setting its mode", errno) }
        try EntryAttributes.setTime(status.st_mtim, of: directory, name)
    }

    private static func attributeNames(of file: Int32) -> [String] {
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        let count = flistxattr(file, &buffer, buffer.count)
        guard count > 0 else { return [] }
        return buffer[..<count].split(separator: 0).compactMap { name in
            String(validating: name.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        }
    }
}
