import GantryCore
import Glibc

extension OpenDirectory {
    /// A file's whole content; nil where it is not there.
    func read(_ name: String, limit: Int) throws(EngineError) -> [UInt8]? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .posix("opening \(path)/\(name)", errno)
        }
        defer { close(file) }
        return try Self.readAll(file, limit: limit, path: "\(path)/\(name)")
    }

    /// From the descriptor's position to the end.
    static func readAll(_ file: Int32, limit: Int, path: String) throws(EngineError) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw .posix("reading \(path)", errno)
            }
            content.append(contentsOf: buffer[..<count])
            guard content.count <= limit else {
                throw EngineError(.invalid, "\(path): is larger than \(limit) bytes")
            }
        }
    }

    /// Whether `name` is the very file that `file` has open.
    func isSame(_ file: Int32, as name: String) -> Bool {
        var held = stat()
        var found = stat()
        return fstat(file, &held) == 0 && fstatat(descriptor, name, &found, AT_SYMLINK_NOFOLLOW) == 0
            && held.st_ino == found.st_ino && held.st_dev == found.st_dev
    }

    /// Replaces a file as a whole: written aside, synced, renamed, the directory synced. After an error the old content is there.
    ///
    /// The name aside is always the same, so that a kill leaves one at most: whoever calls is alone at it.
    func replace(_ name: String, with content: [UInt8], mode: mode_t = 0o600) throws(EngineError) {
        try write(name, content, mode: mode)
        try sync()
    }

    /// As `replace`, but that the name may lead to the old content after a crash of the machine until the directory is synced.
    func write(_ name: String, _ content: [UInt8], mode: mode_t = 0o600) throws(EngineError) {
        let aside = Self.aside(name)
        let file = try create(aside, content, mode: mode)
        let cause = fsync(file) == 0 ? 0 : errno
        close(file)
        guard cause == 0 else {
            unlinkat(descriptor, aside, 0)
            throw .posix("writing \(path)/\(aside) to disk", cause)
        }
        try rename(aside, to: self, as: name)
    }

    /// What a file is written as before it takes the place of `name`.
    static func aside(_ name: String) -> String { ".\(name).new" }

    /// Writes a file, which is not on disk before it is synced.
    /// - Returns: its descriptor, the caller's to close.
    func create(_ name: String, _ content: [UInt8], mode: mode_t = 0o600) throws(EngineError) -> Int32 {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw .posix("creating \(path)/\(name)", errno) }
        do throws(EngineError) {
            try Self.writeAll(content, to: file, path: "\(path)/\(name)")
        } catch {
            close(file)
            unlinkat(descriptor, name, 0)
            throw error
        }
        return file
    }

    /// Makes an empty file.
    func touch(_ name: String) throws(EngineError) {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .posix("creating \(path)/\(name)", errno) }
        close(file)
    }

    /// Removes a file; one that is not there is fine.
    func remove(_ name: String) throws(EngineError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw .posix("removing \(path)/\(name)", errno)
        }
    }

    static func writeAll(_ content: [UInt8], to file: Int32, path: String) throws(EngineError) {
        var written = 0
        while written < content.count {
            let count = content.withUnsafeBytes { bytes in
                Glibc.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .posix("writing \(path)", errno)
            }
            written += count
        }
    }
}
