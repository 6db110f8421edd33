import ByteText
import Domain
import Glibc
import Synchronization

/// One walk through a writable layer, in pieces: what a container has made there, with names and depths as it pleased.
///
/// Every step is by a descriptor and follows no link: what a container moves meanwhile leads nowhere else. One thread at a time works on it.
final class LayerWalk: @unchecked Sendable {
    /// Each level holds a descriptor; what is deeper is not counted.
    private static let deepest = 200
    /// Files with several names that are known at a time; beyond, each name counts.
    private static let mostLinked = 100_000
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19

    private enum Waiting {
        case notYet
        case here(CheckedContinuation<FilesystemUsage?, Never>)
        case over
    }

    private let waiting = Mutex(Waiting.notYet)
    private let mountpoint: String
    private var levels: [OpaquePointer] = []
    private var device: dev_t = 0
    private var linked: Set<ino_t> = []
    private var bytes: UInt64 = 0
    private var inodes: UInt64 = 0

    init(mountpoint: String) { self.mountpoint = mountpoint }

    deinit { levels.forEach { closedir($0) } }

    /// Nobody waits for it any more.
    var isOver: Bool {
        waiting.withLock { if case .over = $0 { true } else { false } }
    }

    /// - Returns: false when it is over already; the caller has been told.
    func wait(_ caller: CheckedContinuation<FilesystemUsage?, Never>) -> Bool {
        let isEarly = waiting.withLock { waiting in
            guard case .notYet = waiting else { return false }
            waiting = .here(caller)
            return true
        }
        if !isEarly { caller.resume(returning: nil) }
        return isEarly
    }

    /// - Returns: false where there is no such directory.
    func begin(at layer: String) -> Bool {
        let descriptor = open(layer, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            return false
        }
        device = status.st_dev
        enter(descriptor)
        return true
    }

    /// Looks at so many entries.
    /// - Returns: whether that was the last.
    func advance(entries: Int) -> Bool {
        for _ in 0..<entries {
            guard let directory = levels.last else { return true }
            guard let entry = readdir(directory) else {
                closedir(directory)
                levels.removeLast()
                continue
            }
            let name = (UnsafeRawPointer(entry) + Self.nameOffset).assumingMemoryBound(to: CChar.self)
            if strcmp(name, ".") != 0, strcmp(name, "..") != 0 { count(name, in: dirfd(directory)) }
        }
        return levels.isEmpty
    }

    /// Tells the caller, once.
    ///
    /// - Parameter now: nil: it is given up, by whoever says so.
    func finish(at now: Timestamp?) {
        let caller = waiting.withLock { waiting -> CheckedContinuation<FilesystemUsage?, Never>? in
            defer { waiting = .over }
            if case .here(let caller) = waiting { return caller } else { return nil }
        }
        caller?.resume(
            returning: now.map {
                FilesystemUsage(timestamp: $0, mountpoint: mountpoint, usedBytes: bytes, inodesUsed: inodes)
            })
    }

    private func count(_ name: UnsafePointer<CChar>, in directory: Int32) {
        var status = stat()
        // What vanishes meanwhile is not counted.
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_dev == device else { return }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if !isDirectory, status.st_nlink > 1, linked.count < Self.mostLinked,
            !linked.insert(status.st_ino).inserted
        {
            return
        }
        bytes = bytes.addingSaturating(UInt64(clamping: status.st_blocks).multipliedSaturating(by: 512))
        inodes += 1
        guard isDirectory, levels.count < Self.deepest else { return }
        let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if inner >= 0 { enter(inner) }
    }

    private func enter(_ descriptor: Int32) {
        if let stream = fdopendir(descriptor) { levels.append(stream) } else { close(descriptor) }
    }
}
