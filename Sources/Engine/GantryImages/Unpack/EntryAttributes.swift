import ByteText
import CArchive
import GantryCore
import Glibc

/// Owner, extended attributes, mode and times, in this order: a change of owner clears file capabilities and setuid bits.
enum EntryAttributes {
    /// Of an open file or directory. A directory's time is set by nobody here: its entries come after it.
    static func apply(_ entry: TarEntry, to file: Int32) throws(EngineError) {
        guard fchown(file, entry.owner, entry.group) == 0 else {
            throw .entry(entry.name, "setting its owner", errno)
        }
        for attribute in entry.attributes {
            if fsetxattr(file, attribute.name, attribute.value, attribute.value.count, 0) != 0 {
                try refused(attribute.name, of: entry.name, errno, on: file)
            }
        }
        guard fchmod(file, entry.mode) == 0 else { throw .entry(entry.name, "setting its mode", errno) }
        if entry.kind != .directory { try setTime(entry.modified, of: file, entry.name) }
    }

    /// Of a link, device or fifo, which is not opened.
    static func apply(_ entry: TarEntry, toName name: [CChar], in parent: Int32) throws(EngineError) {
        guard fchownat(parent, name, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .entry(entry.name, "setting its owner", errno)
        }
        let path = Array("/proc/self/fd/\(parent)/".utf8).terminated.dropLast() + name
        for attribute in entry.attributes {
            if lsetxattr(path, attribute.name, attribute.value, attribute.value.count, 0) != 0 {
                try refused(attribute.name, of: entry.name, errno, on: parent)
            }
        }
        if case .symbolicLink = entry.kind {
        } else if fchmodat(parent, name, entry.mode, 0) != 0 {
            throw .entry(entry.name, "setting its mode", errno)
        }
        guard gantry_archive_set_mtime(parent, name, Int64(entry.modified.tv_sec), entry.modified.tv_nsec) == 0 else {
            throw .entry(entry.name, "setting its time", errno)
        }
    }

    static func setTime(_ time: timespec, of file: Int32, _ name: EntryName) throws(EngineError) {
        guard gantry_archive_set_mtime(file, nil, Int64(time.tv_sec), time.tv_nsec) == 0 else {
            throw .entry(name, "setting its time", errno)
        }
    }

    /// Attributes of the user are a nicety that links, devices and some file systems cannot hold, or not so long (ext4 has a block for all
    /// of a file's, and says that there is no room); file capabilities and ACLs decide who
    /// may do what and must hold.
    /// - Parameter file: on the file system that refused it.
    static func refused(_ name: String, of entry: EntryName, _ cause: Int32, on file: Int32) throws(EngineError) {
        let doing = "setting its attribute \(name)"
        if cause == ENOSPC {
            if isFull(file) { throw .entry(entry, doing, cause) }
            if name.begins(with: "user.") { return }
            throw EngineError(
                .invalid, "entry \(entry): \(doing): the file system has no room for it beside the file's others")
        }
        if name.begins(with: "user."), [EOPNOTSUPP, EPERM, E2BIG, ERANGE].contains(cause) { return }
        throw .entry(entry, doing, cause)
    }

    /// Whether the disk has no room, which the kernel tells of an attribute alike that is too long for its place.
    static func isFull(_ file: Int32, _ look: (Int32, inout statvfs) -> Int32 = { fstatvfs($0, &$1) }) -> Bool {
        var status = statvfs()
        guard look(file, &status) == 0 else { return true }
        return UInt64(status.f_bavail) < 16 || status.f_files > 0 && status.f_favail == 0
    }
}
