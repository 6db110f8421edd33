import CArchive
import CGantry
import GantryCore
import Glibc

/// Puts what a container has changed of its image into an archive: files that it made or changed as entries, and, apart, the names of those that
/// it removed, which other runtimes keep in a file of their own beside.
struct WritableLayerArchive {
    private let upper: OpenDirectory
    /// Of the image, uppermost first.
    private let layers: [OpenDirectory]
    private let tar: TarWriter
    /// Names as they stand, from the root.
    private(set) var removed: [String] = []
    /// Files of several names, by the first one.
    private var links: [ino_t: [UInt8]] = [:]

    init(upper: OpenDirectory, layers: [OpenDirectory], to tar: TarWriter) {
        self.upper = upper
        self.layers = layers
        self.tar = tar
    }

    mutating func write() throws(EngineError) {
        let root = openat(upper.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw .posix("opening \(upper.path)", errno) }
        try add(directory: root, [])
    }

    /// - Parameter directory: an open descriptor, which is closed.
    private mutating func add(directory: Int32, _ name: [UInt8]) throws(EngineError) {
        let title = "\(upper.path)/\(EntryName.readable(name))"
        do throws(EngineError) {
            var member = try self.member(of: directory, name, title)
            member.type = UInt8(ascii: "5")
            member.name = name.isEmpty ? Array("./".utf8) : name + [UInt8(ascii: "/")]
            try tar.add(member)
            if Self.isOpaque(directory) { try removeLower(name, from: directory) }
        } catch {
            close(directory)
            throw error
        }
        let limit = ImageLimits.standard.depth
        try OpenDirectory.forEach(in: directory, path: title) { (directory, entry) throws(EngineError) in
            let bytes = UnsafeBufferPointer(start: entry, count: strlen(entry)).map { UInt8(truncatingIfNeeded: $0) }
            let inner = name + (name.isEmpty ? [] : [UInt8(ascii: "/")]) + bytes
            guard inner.count(where: { $0 == UInt8(ascii: "/") }) < limit else {
                throw .beyond(limit, "directories in one another").prefixed(title)
            }
            try add(inner, entry, in: directory)
        }
    }

    private mutating func add(_ name: [UInt8], _ last: UnsafePointer<CChar>, in parent: Int32) throws(EngineError) {
        let title = "\(upper.path)/\(EntryName.readable(name))"
        var status = stat()
        guard fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .posix("looking at \(title)", errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            let inner = openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { throw .posix("opening \(title)", errno) }
            try add(directory: inner, name)
        case S_IFREG:
            let file = openat(parent, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard file >= 0 else { throw .posix("opening \(title)", errno) }
            defer { close(file) }
            var member = try self.member(of: file, name, title)
            if try isLinked(status, &member) { return }
            member.size = Int64(status.st_size)
            try tar.add(member)
            try tar.content(of: file, size: member.size, path: title)
        case S_IFCHR where status.st_rdev == 0: try remove(name)
        // Nobody listens on it after a restore, and no archive can hold one.
        case S_IFSOCK: break
        default: try addSpecial(name, last, status, in: parent, title)
        }
    }

    private mutating func addSpecial(
        _ name: [UInt8], _ last: UnsafePointer<CChar>, _ status: stat, in parent: Int32, _ title: String
    ) throws(EngineError) {
        var member = Self.member(status, name)
        if try isLinked(status, &member) { return }
        switch status.st_mode & S_IFMT {
        case S_IFLNK:
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlinkat(parent, last, &target, target.count)
            guard count >= 0 else { throw .posix("reading the link \(title)", errno) }
            member.type = UInt8(ascii: "2")
            member.link = target[..<count].map { UInt8(truncatingIfNeeded: $0) }
        case S_IFIFO: member.type = UInt8(ascii: "6")
        default:
            member.type = UInt8(ascii: status.st_mode & S_IFMT == S_IFBLK ? "4" : "3")
            (member.major, member.minor) = (gantry_major(UInt64(status.st_rdev)), gantry_minor(UInt64(status.st_rdev)))
        }
        try tar.add(member)
    }

    /// - Returns: whether it is in the archive already under another name, and is added as a link to that.
    private mutating func isLinked(_ status: stat, _ member: inout TarWriter.Member) throws(EngineError) -> Bool {
        guard status.st_nlink > 1 else { return false }
        guard let first = links[status.st_ino] else {
            links[status.st_ino] = member.name
            return false
        }
        member.type = UInt8(ascii: "1")
        member.link = first
        try tar.add(member)
        return true
    }

    private mutating func remove(_ name: [UInt8]) throws(EngineError) {
        if let text = String(validating: name, as: UTF8.self) { return removed.append(text) }
        // A document of text cannot hold it: told as layers of images tell it.
        let entry = EntryName(cleaned: name)
        try tar.add(TarWriter.Member(name: entry.sibling(Array(".wh.".utf8) + entry.last).bytes))
    }

    /// What the image has in a directory that the container removed and made anew.
    private mutating func removeLower(_ name: [UInt8], from directory: Int32) throws(EngineError) {
        var seen: Set<[UInt8]> = []
        for layer in layers {
            let path = EntryName(cleaned: name)
            let lower = gantry_archive_open_in_root(layer.descriptor, path.path, O_RDONLY | O_DIRECTORY, 0)
            guard lower >= 0 else { continue }
            var gone: [[UInt8]] = []
            try OpenDirectory.forEach(in: lower, path: "\(layer.path)/\(path)") { (_, entry) throws(EngineError) in
                let bytes = UnsafeBufferPointer(start: entry, count: strlen(entry)).map {
                    UInt8(truncatingIfNeeded: $0)
                }
                var status = stat()
                guard seen.insert(bytes).inserted, fstatat(directory, entry, &status, AT_SYMLINK_NOFOLLOW) != 0 else {
                    return
                }
                gone.append(name + [UInt8(ascii: "/")] + bytes)
            }
            for name in gone { try remove(name) }
        }
    }

    private static func isOpaque(_ directory: Int32) -> Bool {
        var value: UInt8 = 0
        return fgetxattr(directory, "trusted.overlay.opaque", &value, 1) == 1 && value == UInt8(ascii: "y")
    }

    private static func member(_ status: stat, _ name: [UInt8]) -> TarWriter.Member {
        var member = TarWriter.Member(name: name)
        member.mode = status.st_mode & 0o7777
        (member.owner, member.group, member.modified) = (status.st_uid, status.st_gid, status.st_mtim)
        return member
    }

    private func member(of file: Int32, _ name: [UInt8], _ title: String) throws(EngineError) -> TarWriter.Member {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .posix("looking at \(title)", errno) }
        var member = Self.member(status, name)
        var names = [CChar](repeating: 0, count: 64 << 10)
        let count = flistxattr(file, &names, names.count)
        for attribute in names[..<max(0, count)].split(separator: 0) {
            let bytes = attribute.map { UInt8(truncatingIfNeeded: $0) }
            guard let text = String(validating: bytes, as: UTF8.self), TarEntry.isAllowed(text) else { continue }
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let length = fgetxattr(file, text, &value, value.count)
            guard length >= 0 else { throw .posix("reading the attribute \(text) of \(title)", errno) }
            member.attributes.append((bytes, Array(value[..<length])))
        }
        return member
    }
}
