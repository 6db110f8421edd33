import ByteText
import CArchive
import GantryCore
import Glibc

/// A file that is written at a path from outside, and there when it is whole: until then it has no name, and whatever ends this process leaves
/// nothing behind. Root's alone. What has the name then is replaced, a link itself, not what it leads to;
/// on the way there no link is followed that others than root may have put.
package final class ArchiveFile {
    package let path: String
    private let name: String
    private let directory: OpenDirectory
    private let file: OpenFile
    /// Where the file system knows no files without names.
    private var aside: String?

    var descriptor: Int32 { file.descriptor }

    /// - Throws: `invalid` for a path that is relative or a directory's; why it cannot be written there.
    package init(_ path: String) throws(EngineError) {
        guard path.begins(with: "/") else { throw EngineError(.invalid, "archive \(path): must be an absolute path") }
        guard let (parent, name) = path.cutLast(at: "/"), !name.isEmpty, !name.isSame(as: "."), !name.isSame(as: "..")
        else { throw EngineError(.invalid, "archive \(path): must name a file, not a directory") }
        self.path = path
        self.name = String(name)
        do throws(EngineError) {
            directory = try WatchedPath(String(parent)).directory
        } catch {
            throw EngineError(error.code == .notFound ? .invalid : error.code, "archive \(path): \(error.message)")
        }
        var status = stat()
        if fstatat(directory.descriptor, self.name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            guard [S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) else {
                throw EngineError(.invalid, "archive \(path): is there already and is no file")
            }
        } else if errno != ENOENT {
            throw .posix("archive \(path)", errno)
        }
        let unnamed = gantry_archive_unnamed_file(directory.descriptor)
        if unnamed >= 0 {
            file = OpenFile(unnamed)
            return
        }
        let aside = Self.freshName()
        let named = openat(directory.descriptor, aside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard named >= 0 else {
            // A file system that takes no files, such as procfs.
            if errno == ENOENT { throw EngineError(.invalid, "archive \(path): no file can be made there") }
            throw .posix("archive \(path): creating it", errno)
        }
        file = OpenFile(named)
        self.aside = aside
    }

    deinit {
        if let aside { unlinkat(directory.descriptor, aside, 0) }
    }

    /// Gives it its name, once it is on disk.
    package func publish() throws(EngineError) {
        guard fchmod(descriptor, 0o600) == 0 else { throw .posix("setting the mode of \(path)", errno) }
        guard fsync(descriptor) == 0 else { throw .posix("writing \(path) to disk", errno) }
        let aside = self.aside ?? Self.freshName()
        if self.aside == nil {
            guard
                linkat(
                    AT_FDCWD, "/proc/self/fd/\(descriptor)", directory.descriptor, aside, AT_SYMLINK_FOLLOW) == 0
            else { throw .posix("naming \(path)", errno) }
            self.aside = aside
        }
        guard renameat(directory.descriptor, aside, directory.descriptor, name) == 0 else {
            throw .posix("naming \(path)", errno)
        }
        self.aside = nil
        try directory.sync()
    }

    private static func freshName() -> String {
        ".checkpoint-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }
}
