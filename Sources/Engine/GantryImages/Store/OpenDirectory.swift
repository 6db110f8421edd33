import ByteText
import CGantry
import GantryCore
import Glibc

/// A directory of the store, held open: everything in it is reached from its descriptor, so that no path is resolved twice.
package final class OpenDirectory: Sendable {
    let descriptor: Int32
    /// For messages, and for programs that can only be given a path.
    package let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Opens `path`, made with its parents where it is not there. It belongs to root alone (0700, as do the parents that are made), whoever made it: what is in it has set-user-id files of images that no user of the host may come near.
    package static func make(_ path: String) throws(EngineError) -> OpenDirectory {
        if mkdir(path, PrivateDirectories.mode) != 0, errno == ENOENT {
            var made = ""
            for component in path.words(at: "/").dropLast() {
                made += "/\(component)"
                if mkdir(made, PrivateDirectories.mode) != 0, errno != EEXIST {
                    throw .posix("making the directory \(made)", errno)
                }
            }
            _ = mkdir(path, PrivateDirectories.mode)
        }
        let directory = try open(path)
        try directory.restrict(to: PrivateDirectories.mode)
        return directory
    }

    /// Sets its mode where that is another one.
    func restrict(to mode: mode_t) throws(EngineError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .posix("looking at \(path)", errno) }
        if status.st_mode & 0o7777 == mode { return }
        guard fchmod(descriptor, mode) == 0 else { throw .posix("setting the mode of \(path)", errno) }
    }

    package static func open(_ path: String) throws(EngineError) -> OpenDirectory {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .posix("opening the directory \(path)", errno) }
        return OpenDirectory(descriptor: descriptor, path: path)
    }

    /// A directory in this one by a name of bytes, never through a symbolic link.
    func open(_ name: [CChar]) throws(EngineError) -> OpenDirectory {
        let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        let text = String(decoding: name.dropLast().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        guard found >= 0 else { throw .posix("opening the directory \(path)/\(text)", errno) }
        return OpenDirectory(descriptor: found, path: "\(path)/\(text)")
    }

    /// Takes over an open descriptor.
    static func adopting(_ descriptor: Int32, path: String) -> OpenDirectory {
        OpenDirectory(descriptor: descriptor, path: path)
    }

    /// A directory in this one, never through a symbolic link.
    func open(_ name: String) throws(EngineError) -> OpenDirectory {
        let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard found >= 0 else { throw .posix("opening the directory \(path)/\(name)", errno) }
        return OpenDirectory(descriptor: found, path: "\(path)/\(name)")
    }

    /// A directory in this one; nil where there is nothing of that name, or something that is no directory.
    func openIfDirectory(_ name: String) throws(EngineError) -> OpenDirectory? {
        let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if found >= 0 { return OpenDirectory(descriptor: found, path: "\(path)/\(name)") }
        if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
        throw .posix("opening the directory \(path)/\(name)", errno)
    }

    /// As the other, by a path; a link is followed.
    static func openIfDirectory(_ path: String) throws(EngineError) -> OpenDirectory? {
        let found = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if found >= 0 { return OpenDirectory(descriptor: found, path: path) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .posix("opening the directory \(path)", errno)
    }

    /// Makes a directory in this one, which must not be there yet.
    func make(_ name: String, mode: mode_t) throws(EngineError) -> OpenDirectory {
        guard mkdirat(descriptor, name, mode) == 0 else { throw .posix("making the directory \(path)/\(name)", errno) }
        return try open(name)
    }

    func rename(_ name: String, to target: OpenDirectory, as newName: String) throws(EngineError) {
        guard renameat(descriptor, name, target.descriptor, newName) == 0 else {
            throw .posix("moving \(path)/\(name) to \(target.path)/\(newName)", errno)
        }
    }

    /// See `gantry_spread`.
    func spread() { _ = gantry_spread(descriptor) }

    func sync() throws(EngineError) {
        guard fsync(descriptor) == 0 else { throw .posix("writing \(path) to disk", errno) }
    }

    /// - Throws: `exhausted` where the file system has less room than that.
    func requireSpace(for bytes: Int64) throws(EngineError) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { throw .posix("asking for the room at \(path)", errno) }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard free.overflow || bytes <= 0 || UInt64(bytes) <= free.partialValue else {
            throw EngineError(
                .exhausted, "the file system of \(path) has \(free.partialValue) bytes left; it takes \(bytes)")
        }
    }

    /// - Throws: `exhausted` where the file system has hardly any room for another file: fewer than a twentieth of its inodes, and than
    /// fifty thousand. Some file systems do not count them.
    func requireInodes() throws(EngineError) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { throw .posix("asking for the room at \(path)", errno) }
        guard status.f_files == 0 || status.f_favail >= min(status.f_files / 20, 50_000) else {
            throw EngineError(
                .exhausted,
                "the file system of \(path) has room for \(status.f_favail) files more, which are left to others")
        }
    }
}
