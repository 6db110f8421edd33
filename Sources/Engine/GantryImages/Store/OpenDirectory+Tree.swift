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
        if unlinkat(parent.descriptor, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .posix("removing a file in \(parent.path)", errno) }
        if depth == 100 {
            let lifted = Array(".lifted-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))".utf8).terminated
            guard renameat(parent.descriptor, name, descriptor, lifted) == 0 else {
                throw .posix("moving a directory of \(parent.path) to \(path)", errno)
            }
            return pending.append(lifted)
        }
        let directory = try parent.open(name)
        for inner in try directory.entries() { try remove(inner, from: directory, depth: depth + 1, lifting: &pending) }
        guard unlinkat(parent.descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            if errno == ENOTEMPTY {
                throw EngineError(.exists, "removing \(directory.path): somebody is writing there")
            }
            throw .posix("removing \(directory.path)", errno)
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
    /// `depth` levels down. A file of several names counts once for each name.
    func measure(_ measure: Measure = .allocated, depth: Int = 200) -> DiskUsage {
        var usage = DiskUsage()
        for name in (try? entries()) ?? [] {
            var status = stat()
            guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let bytes = measure == .allocated ? Int64(status.st_blocks) * 512 : Int64(status.st_size)
            usage += DiskUsage(bytes: bytes, inodes: 1)
            guard depth > 0, status.st_mode & S_IFMT == S_IFDIR, let directory = try? open(name) else { continue }
            usage += directory.measure(measure, depth: depth - 1)
        }
        return usage
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
