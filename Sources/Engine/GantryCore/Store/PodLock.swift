import CGantry
import Glibc

/// The lock that says whether a pod's supervisor lives: `flock` on the file `pod`, held exclusively for life. It ends with
/// the last descriptor, and so with the process, whatever kills it.
enum PodLock {
    static let file = "pod"

    /// How long somebody is believed to be asking only; nanoseconds.
    private static let patience: Int64 = 1_000_000_000

    /// Takes the lock; nil where somebody holds it.
    static func take(_ directory: Int32, path: String) throws(EngineError) -> Int32? {
        let descriptor = gantry_openat(directory, file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .posix("open \(path)/\(file)", errno) }
        let deadline = Clock.monotonic() + patience
        while true {
            if gantry_flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
            let number = errno
            // Somebody may only be asking whether the pod lives, which takes a shared lock for a moment.
            if number == EWOULDBLOCK, Clock.monotonic() < deadline, gantry_flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
                _ = gantry_flock(descriptor, LOCK_UN)
                sched_yield()
                continue
            }
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw .posix("lock \(path)/\(file)", number)
        }
    }

    /// Whether somebody holds the lock; false where there is no lock file. `name` is relative to `directory`.
    static func isHeld(_ directory: Int32, _ name: String = file, path: String) throws(EngineError) -> Bool {
        let descriptor = gantry_openat(directory, name, O_RDONLY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw .posix("open \(path)/\(file)", errno)
        }
        defer { close(descriptor) }
        if gantry_flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
        if errno == EWOULDBLOCK { return true }
        throw .posix("test the lock of \(path)/\(file)", errno)
    }
}
