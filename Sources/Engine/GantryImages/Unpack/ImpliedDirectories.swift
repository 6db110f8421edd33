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

    /// Gives the named directories of `layer` the attributes they have below; those that are nowhere below stay as they are.
    func settle(_ names: [EntryName], of layer: OpenDirectory) throws(EngineError) {
        for name in names {
            guard !Task.isCancelled else { throw EngineError(.unavailable, "was interrupted") }
            let directory = openat2Directory(name, in: layer)
            guard directory >= 0 else { continue }
            defer { close(directory) }
            guard let model = try find(name) else { continue }
            defer { close(model) }
            try Self.copyAttributes(of: model, to: directory, name)
        }
    }

    private func openat2Directory(_ name: EntryName, in layer: OpenDirectory) -> Int32 {
        gantry_archive_open_in_root(layer.descriptor, name.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// What overlayfs would show of the lower layers under the name, if that is a directory; to be closed.
    private func find(_ name: EntryName) throws(EngineError) -> Int32? {
        for layer in lower {
            switch try look(name, in: layer) {
            case .found(let directory): return directory
            case .hidden: return nil
            case .absent: continue
            }
        }
        return nil
    }

    private enum Finding {
        case found(Int32)
        /// By something that is no directory, or by an opaque directory above it.
        case hidden
        case absent
    }

    private func look(_ name: EntryName, in layer: OpenDirectory) throws(EngineError) -> Finding {
        var directory = openat(layer.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .entry(name, "opening a lower layer", errno) }
        var isOpaque = Self.isOpaque(directory)
        for component in name.components {
            let next = openat(directory, component.terminated, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let cause = errno
            close(directory)
            guard next >= 0 else {
                if cause == ENOENT { return isOpaque ? .hidden : .absent }
                if cause == ENOTDIR || cause == ELOOP { return .hidden }
                throw .entry(name, "looking for it in a lower layer", cause)
            }
            directory = next
            isOpaque = isOpaque || Self.isOpaque(directory)
        }
        return .found(directory)
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
            guard count >= 0, fsetxattr(directory, attribute, value, count, 0) == 0 else {
                throw .entry(name, "copying its attribute \(attribute)", errno)
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
