import GantryCore
import Glibc

/// A `flock(2)` lock on a file or directory, held until the value is gone. The kernel lets go of it however the process ends.
package struct FileLock: ~Copyable {
    private let descriptor: Int32

    package enum Mode: Sendable {
        case shared
        case exclusive

        fileprivate var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
    }

    /// Waits for the lock on the file `name`, made where it is not there. Holders keep it for moments only.
    ///
    /// flock(2) itself would wait without hearing of a cancellation.
    /// - Throws: `unavailable` once the task is cancelled.
    init(_ name: String, in directory: OpenDirectory, mode: Mode) throws(EngineError) {
        let file = openat(directory.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .posix("opening \(directory.path)/\(name)", errno) }
        while flock(file, mode.operation | LOCK_NB) != 0 {
            let cause = errno
            guard cause == EWOULDBLOCK || cause == EINTR, !Task.isCancelled else {
                close(file)
                if Task.isCancelled { throw EngineError(.unavailable, "was interrupted") }
                throw .posix("locking \(directory.path)/\(name)", cause)
            }
            usleep(5000)
        }
        descriptor = file
    }

    /// Takes the exclusive lock on the file or directory `name` if nobody has it; nil if somebody does, or it is not there.
    init?(trying name: String, in directory: OpenDirectory, create: Bool) throws(EngineError) {
        let flags = create ? O_RDWR | O_CREAT : O_RDONLY
        let file = openat(directory.descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .posix("opening \(directory.path)/\(name)", errno)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let cause = errno
            close(file)
            if cause == EWOULDBLOCK || cause == EINTR { return nil }
            throw .posix("locking \(directory.path)/\(name)", cause)
        }
        descriptor = file
    }

    /// Lets go of it; so does forgetting the value.
    consuming func release() {}

    deinit {
        close(descriptor)
    }

    /// Writes into the locked file.
    func write(_ content: [UInt8]) throws(EngineError) {
        try OpenDirectory.writeAll(content, to: descriptor, path: "a lock file")
    }

    /// Whether `name` still is the file this lock is on: a lock on a removed file protects nothing.
    func isOn(_ name: String, in directory: OpenDirectory) -> Bool {
        var held = stat()
        var found = stat()
        return fstat(descriptor, &held) == 0 && fstatat(directory.descriptor, name, &found, AT_SYMLINK_NOFOLLOW) == 0
            && held.st_ino == found.st_ino && held.st_dev == found.st_dev
    }
}
