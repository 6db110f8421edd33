import ByteText
import GantryCore
import Glibc
import JSON

/// A checkpoint that lies unpacked in a workspace: a writable layer in `upper`, and CRIU's images in `checkpoint`. Gone with the value, but for
/// what was moved away.
package struct UnpackedCheckpoint: ~Copyable {
    package let facts: CheckpointFile.Facts
    /// Where something was mounted in the container.
    package let mounts: [String]
    private let workspace: Workspace

    /// Absolute.
    package var path: String { workspace.directory.path }

    /// Unpacks it, within the walls that layers of images are unpacked in.
    /// - Parameter layers: of the image that it is of, base first.
    package init(_ file: CheckpointFile, over layers: [String], in store: ImageStore) throws(EngineError) {
        try Workspace.sweep(store.temporary)
        let workspace = try Workspace(in: store.temporary)
        do throws(EngineError) {
            (facts, mounts) = try Self.fill(workspace.directory, from: file, over: layers)
        } catch {
            throw error.prefixed("checkpoint \(file.path)")
        }
        self.workspace = workspace
    }

    private static func fill(
        _ workspace: OpenDirectory, from file: CheckpointFile, over layers: [String]
    ) throws(EngineError) -> (CheckpointFile.Facts, [String]) {
        let image = ImageMeter()
        let archive = try unpack(file, in: workspace, image)
        let facts = try CheckpointFile.facts(document(CheckpointNames.config, in: archive))
        let spec = try CheckpointFile.json(document(CheckpointNames.spec, in: archive), CheckpointNames.spec)
        let mounts = try mounts(of: spec)
        try checkImages(archive)
        try unpackLayer(archive, over: layers, in: workspace, image)
        try archive.rename(CheckpointNames.images, to: workspace, as: CheckpointNames.images)
        try workspace.removeTree("archive")
        return (facts, mounts)
    }

    private static func unpack(
        _ file: CheckpointFile, in workspace: OpenDirectory, _ image: ImageMeter
    ) throws(EngineError) -> OpenDirectory {
        let root = try workspace.make("archive", mode: 0o700)
        let meter = UnpackMeter(image, blobBytes: file.size)
        let (source, reader) = try file.reader(meter)
        let writer = LayerWriter(root, meter)
        while let entry = try reader.next() { try writer.add(entry, reader) }
        _ = try source.finish()
        return root
    }

    /// What the container had changed of its image becomes the new one's writable layer.
    private static func unpackLayer(
        _ archive: OpenDirectory, over layers: [String], in workspace: OpenDirectory, _ image: ImageMeter
    ) throws(EngineError) {
        let upper = try workspace.make("upper", mode: 0o755)
        guard fchmod(upper.descriptor, 0o755) == 0 else { throw .posix("setting the mode of \(upper.path)", errno) }
        let file = try regular(CheckpointNames.rootfs, in: archive)
        var status = stat()
        if let file { fstat(file.descriptor, &status) }
        let meter = UnpackMeter(image, blobBytes: Int64(status.st_size))
        let writer = LayerWriter(upper, meter)
        if let file {
            let source = try CompressedFile(file.descriptor, meter)
            try source.open()
            let reader = TarReader(source, meter)
            while let entry = try reader.next() { try writer.add(entry, reader) }
            _ = try source.finish()
        }
        for name in try removed(archive) { try writer.hide(name) }
        let tree = try writer.finish()
        var lower: [OpenDirectory] = []
        for layer in layers.reversed() { lower.append(try OpenDirectory.open(layer)) }
        var implied = ImpliedDirectories(lower: lower)
        try implied.settle(tree.implied, of: upper)
    }

    private static func removed(_ archive: OpenDirectory) throws(EngineError) -> [EntryName] {
        guard let file = try regular(CheckpointNames.removed, in: archive) else { return [] }
        let document = try CheckpointFile.json(read(file, CheckpointNames.removed), CheckpointNames.removed)
        if document == .null { return [] }
        guard let items = document.arrayValue else {
            throw EngineError(.invalid, "\(CheckpointNames.removed): must be a list of names")
        }
        var names: [EntryName] = []
        for item in items {
            guard let text = item.stringValue else {
                throw EngineError(.invalid, "\(CheckpointNames.removed): must be a list of names")
            }
            let name = try EntryName(Array(text.utf8))
            guard !name.isRoot else { throw EngineError(.invalid, "\(CheckpointNames.removed): removes the root") }
            names.append(name)
        }
        return names
    }

    private static func mounts(of spec: JSON) throws(EngineError) -> [String] {
        guard let list = spec["mounts"], list != .null else { return [] }
        guard let items = list.arrayValue, items.count <= 4096 else {
            throw EngineError(.invalid, "\(CheckpointNames.spec): mounts: must be a list, of 4096 at most")
        }
        var mounts: [String] = []
        for item in items {
            guard let place = item["destination"]?.stringValue, !place.utf8.contains(0) else {
                throw EngineError(.invalid, "\(CheckpointNames.spec): mounts: must have destinations")
            }
            mounts.append(place)
        }
        return mounts
    }

    /// CRIU follows links, and opens whatever has the name of an image.
    private static func checkImages(_ archive: OpenDirectory) throws(EngineError) {
        guard let images = try archive.openIfDirectory(CheckpointNames.images) else {
            throw EngineError(.invalid, "has no directory \(CheckpointNames.images) with CRIU's images")
        }
        for name in try images.entries() {
            var status = stat()
            guard fstatat(images.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else {
                let text = EntryName.readable(name.dropLast().map { UInt8(truncatingIfNeeded: $0) })
                throw EngineError(.invalid, "\(CheckpointNames.images)/\(text): must be a file")
            }
        }
    }

    private static func document(_ name: String, in archive: OpenDirectory) throws(EngineError) -> [UInt8] {
        guard let file = try regular(name, in: archive) else {
            throw EngineError(.invalid, "has no \(name): is this an archive of a checkpoint?")
        }
        return try read(file, name)
    }

    private static func read(_ file: OpenFile, _ name: String) throws(EngineError) -> [UInt8] {
        try OpenDirectory.readAll(file.descriptor, limit: CheckpointFile.documentLimit, path: name)
    }

    /// nil where there is nothing of that name; what is there and no regular file is not opened.
    private static func regular(_ name: String, in archive: OpenDirectory) throws(EngineError) -> OpenFile? {
        var status = stat()
        guard fstatat(archive.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .posix("looking at \(name)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw EngineError(.invalid, "\(name): must be a file") }
        let file = openat(archive.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw .posix("opening \(name)", errno) }
        return OpenFile(file)
    }
}
