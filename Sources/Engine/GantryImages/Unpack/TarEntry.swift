import CArchive
import GantryCore
import Glibc

/// One entry of a layer, its header checked.
struct TarEntry {
    enum Kind: Equatable {
        case file(size: Int64)
        case directory
        case symbolicLink(target: String)
        /// To another entry of the same layer.
        case hardLink(target: EntryName)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    let name: EntryName
    let kind: Kind
    /// The twelve permission bits, setuid and its like among them.
    let mode: mode_t
    let owner: uid_t
    let group: gid_t
    let modified: timespec
    let attributes: [(name: String, value: [UInt8])]

    init(_ entry: OpaquePointer) throws(EngineError) {
        guard let pathname = archive_entry_pathname(entry) else {
            throw EngineError(.invalid, "has an entry whose name cannot be read")
        }
        name = try EntryName(String(cString: pathname))
        kind = try Self.kind(of: entry, name: name)
        mode = archive_entry_perm(entry) & 0o7777
        guard let owner = uid_t(exactly: archive_entry_uid(entry)),
            let group = gid_t(exactly: archive_entry_gid(entry)),
            owner != uid_t.max, group != gid_t.max
        else {
            throw EngineError(
                .invalid,
                "entry \(name): its owner \(archive_entry_uid(entry)):\(archive_entry_gid(entry)) is out of range")
        }
        self.owner = owner
        self.group = group
        modified = timespec(tv_sec: archive_entry_mtime(entry), tv_nsec: Int(archive_entry_mtime_nsec(entry)))
        attributes = Self.attributes(of: entry)
    }

    private static func kind(of entry: OpaquePointer, name: EntryName) throws(EngineError) -> Kind {
        if let target = archive_entry_hardlink(entry) {
            return .hardLink(target: try EntryName(String(cString: target)))
        }
        switch mode_t(archive_entry_filetype(entry)) {
        case S_IFREG: return .file(size: max(0, archive_entry_size(entry)))
        case S_IFDIR: return .directory
        case S_IFIFO: return .fifo
        case S_IFCHR:
            return .characterDevice(
                major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
                minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)))
        case S_IFBLK:
            return .blockDevice(
                major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
                minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)))
        case S_IFLNK:
            guard let target = archive_entry_symlink(entry), target.pointee != 0 else {
                throw EngineError(.invalid, "entry \(name): a symbolic link without a target")
            }
            return .symbolicLink(target: String(cString: target))
        default: throw EngineError(.invalid, "entry \(name): is of a kind that a layer cannot hold")
        }
    }

    /// The extended attributes an image may set: of the user, file capabilities, ACLs. All others, `trusted.overlay.*` above all, which
    /// would steer overlayfs, are left out.
    private static func attributes(of entry: OpaquePointer) -> [(name: String, value: [UInt8])] {
        var attributes: [(name: String, value: [UInt8])] = []
        var remaining = archive_entry_xattr_reset(entry)
        while remaining > 0 {
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK, let name else { break }
            remaining -= 1
            let text = String(cString: name)
            guard text.hasPrefix("user.") && !text.hasPrefix("user.overlay.") || allowed.contains(text) else {
                continue
            }
            attributes.append((text, Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))))
        }
        return attributes
    }

    private static let allowed: Set<String> = [
        "security.capability", "system.posix_acl_access", "system.posix_acl_default",
    ]
}
