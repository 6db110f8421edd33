import CGantry
import Glibc

/// Keeps apart the collection of a network's stale attachments and pods that are about to be attached: a pod has written down its attachment
/// before, or is attached after. Neither waits for the other for good.
enum NetworkLock {
    /// How long a pod's start waits, in nanoseconds. A collection takes less.
    private static let patience: Int64 = 30_000_000_000
    /// How long a collection takes at most, from when it has the lock.
    static let collection: Int64 = 20_000_000_000

    /// For a pod that writes down its attachment. Nil when a collection that has been stopped holds it: it calls no plugin any more.
    static func forAttachment(runDir: String) throws(EngineError) -> Descriptor? {
        try take(runDir, LOCK_SH, within: patience)
    }

    /// Nil while pods are being attached.
    static func forCollection(runDir: String) throws(EngineError) -> Descriptor? {
        try take(runDir, LOCK_EX, within: 1_000_000_000)
    }

    private static func take(_ runDir: String, _ kind: Int32, within patience: Int64) throws(EngineError) -> Descriptor?
    {
        let path = "\(runDir)/engine/networks.lock"
        let lock = try Descriptor(gantry_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600), "open \(path)")
        let deadline = Clock.monotonic() + patience
        while gantry_flock(lock.raw, kind | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK else { throw .posix("lock \(path)", errno) }
            guard Clock.monotonic() < deadline else { return nil }
            usleep(2000)
        }
        return lock
    }
}
