import GantryCore
import Glibc

/// A `flock(2)` lock on a file or directory, held until the value is gone. The kernel lets go of it however the process ends.
package struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// How long a lock is waited for, in nanoseconds. Holders keep it for moments, unless they are stopped.
    static let patience: Int64 = 60_000_000_000

    /// Waits for the exclusive lock on the file `name`, made where it is not there.
    /// - Throws: `unavailable` once the task is cancelled, or where somebody keeps it.
    init(_ name: String, in directory: OpenDirectory, patience: Int64 = Self.patience) throws(EngineError) {
        let file = openat(directory.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .posix("opening \(directory.path)/\(name)", errno) }
        do throws(EngineError) {
            try BoundedLock.take(
                file, LOCK_EX, patience: patience, path: "\(directory.path)/\(name)", isCancelled: { Task.isCancelled })
        } catch {
            close(file)
            throw error
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
        directory.isSame(descriptor, as: name)
    }
}
