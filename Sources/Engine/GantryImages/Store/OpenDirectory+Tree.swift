import GantryCore
import Glibc

extension OpenDirectory {
    /// Removes `name` and everything below it, never through a symbolic link; one that is not there is fine.
    func removeTree(_ name: String) throws(EngineError) {
        try removeTree(Array(name.utf8).terminated)
    }

    /// As `removeTree(_:)`, by a name of bytes.
    func removeTree(_ name: [CChar]) throws(EngineError) {
        // A process that was cut off from its parent may still be writing there: it fails at its next file.
        for attempt in 1... {
            do throws(EngineError) {
                return try removeTreeOnce(name)
            } catch {
                guard error.code == .exists, attempt < 10 else { throw error }
            }
        }
    }

    private func removeTreeOnce(_ name: [CChar]) throws(EngineError) {
        var pending = [name]
        while let next = pending.popLast() { try remove(next, from: self, depth: 0, lifting: &pending) }
    }

    /// Each level holds a descriptor, and a hostile tree has more levels than a process has descriptors: what is deeper than a hundred
    /// levels is moved up here and removed from here.
    private func remove(
        _ name: [CChar], from parent: OpenDirectory, depth: Int, lifting pending: inout [[CChar]]
    ) throws(EngineError) {
        try name.withUnsafeBufferPointer { (name) throws(EngineError) in
            guard let name = name.baseAddress else { return }
            try remove(name, from: parent.descriptor, depth: depth, lifting: &pending)
        }
    }

    private func remove(
        _ name: UnsafePointer<CChar>, from parent: Int32, depth: Int, lifting pending: inout [[CChar]]
    ) throws(EngineError) {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .posix("removing a file in \(path)", errno) }
        if depth == 100 {
            let lifted = Array(".lifted-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))".utf8).terminated
            guard renameat(parent, name, descriptor, lifted) == 0 else {
                throw .posix("moving a directory of \(path) up", errno)
            }
            return pending.append(lifted)
        }
        let directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw .posix("opening a directory in \(path)", errno) }
        try Self.forEach(in: directory, path: path) { (directory, inner) throws(EngineError) in
            try remove(inner, from: directory, depth: depth + 1, lifting: &pending)
        }
        guard unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            if errno == ENOTEMPTY {
                throw EngineError(.exists, "removing a directory in \(path): somebody is writing there")
            }
            throw .posix("removing a directory in \(path)", errno)
        }
    }

    /// What is counted of a file.
    enum Measure {
        /// Blocks on the disk.
        case allocated
        /// Its length: what was written of it, though the file system may not have found it a place yet.
        case length
    }

    /// Bytes and inodes of everything below this directory, itself left out; what vanishes meanwhile is not counted, nor what is more than
    /// `depth` levels down. A file of several names counts once.
    func measure(_ measure: Measure = .allocated, depth: Int = 200) -> DiskUsage {
        var usage = DiskUsage()
        var counted: Set<ino_t> = []
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if copy >= 0 { Self.measure(copy, measure, depth: depth, &usage, &counted) }
        return usage
    }

    private static func measure(
        _ directory: Int32, _ measure: Measure, depth: Int, _ usage: inout DiskUsage, _ counted: inout Set<ino_t>
    ) {
        try? forEach(in: directory, path: "") { (directory, name) in
            var status = stat()
            guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            if !isDirectory, status.st_nlink > 1, !counted.insert(status.st_ino).inserted { return }
            usage += measure == .allocated ? DiskUsage(status) : DiskUsage(bytes: Int64(status.st_size), inodes: 1)
            guard depth > 0, isDirectory else { return }
            let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if inner >= 0 { Self.measure(inner, measure, depth: depth - 1, &usage, &counted) }
        }
    }

    /// The length of the longest file in this directory, or in one in it.
    func longestFile(depth: Int = 1) -> Int64 {
        var longest: Int64 = 0
        for name in (try? entries()) ?? [] {
            var status = stat()
            guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFREG {
                longest = max(longest, Int64(status.st_size))
            } else if depth > 0, status.st_mode & S_IFMT == S_IFDIR, let directory = try? open(name) {
                longest = max(longest, directory.longestFile(depth: depth - 1))
            }
        }
        return longest
    }
}
