import CArchive
import GantryCore
import Glibc

/// Looks once through what was unpacked, when all of it is there: sets the times of directories, counts what it takes of the disk, has it
/// all written there, and refuses what is too deep for whoever has to walk through it later. Links of the layer may have made it deeper than
/// any name in it.
struct UnpackedTree {
    private(set) var usage = DiskUsage()
    /// Directories that no entry described.
    private(set) var implied: Set<ino_t> = []
    private let directories: [ino_t: ConfinedTree.Directory]
    private let meter: UnpackMeter
    /// Files of several names that were counted.
    private var counted: Set<ino_t> = []
    private let synced = SyncedFiles()

    init(_ directories: [ino_t: ConfinedTree.Directory], _ meter: UnpackMeter) {
        self.directories = directories
        self.meter = meter
    }

    mutating func finish(_ root: OpenDirectory) throws(EngineError) {
        let copy = openat(root.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .posix("opening \(root.path)", errno) }
        var status = stat()
        guard fstat(copy, &status) == 0 else {
            let cause = errno
            close(copy)
            throw .posix("looking at \(root.path)", cause)
        }
        try finish(copy, status, path: root.path, depth: 0)
        try synced.sync()
    }

    /// - Parameter directory: an open descriptor, which is closed.
    private mutating func finish(_ directory: Int32, _ status: stat, path: String, depth: Int) throws(EngineError) {
        try OpenDirectory.forEach(in: directory, path: path) { (directory, name) throws(EngineError) in
            try meter.check()
            var status = stat()
            guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .posix("looking at what was unpacked", errno)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                guard count(status), status.st_mode & S_IFMT == S_IFREG else { return }
                let file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                guard file >= 0 else { throw .posix("opening what was unpacked", errno) }
                return try synced.add(file)
            }
            guard depth < meter.limits.depth else { throw .beyond(meter.limits.depth, "directories in one another") }
            let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { throw .posix("opening what was unpacked", errno) }
            try finish(inner, status, path: path, depth: depth + 1)
        } atEnd: { (directory) throws(EngineError) in
            _ = count(status)
            switch directories[status.st_ino] {
            case .described(let time):
                guard gantry_archive_set_mtime(directory, nil, Int64(time.tv_sec), time.tv_nsec) == 0 else {
                    throw .posix("setting the time of what was unpacked", errno)
                }
            case .implied: implied.insert(status.st_ino)
            case nil: break
            }
            // What cannot be opened without doing something, links and devices, goes to disk with the directory that it is in.
            try synced.add(copying: directory)
        }
    }

    /// - Returns: whether it was not counted before under another name.
    private mutating func count(_ status: stat) -> Bool {
        if status.st_mode & S_IFMT != S_IFDIR, status.st_nlink > 1, !counted.insert(status.st_ino).inserted {
            return false
        }
        usage += DiskUsage(status)
        return true
    }
}
