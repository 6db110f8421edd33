import ByteText
import CGantry
import Glibc

/// Waiting for a lock (flock(2)) that another process may hold for as long as it likes: it may be stopped, frozen, or a shell's. So every wait
/// has an end, and its error says who has the lock.
package enum BoundedLock {
    /// Takes the lock, asking every few milliseconds: flock(2) itself would hear of no end and no cancellation.
    /// - Parameters:
    ///   - patience: nanoseconds.
    ///   - isCancelled: asked at each turn.
    /// - Throws: `unavailable` where it was not let go in time, or where the wait was cancelled.
    package static func take(
        _ descriptor: Int32, _ operation: Int32, patience: Int64, path: String, isCancelled: () -> Bool = { false }
    ) throws(EngineError) {
        let deadline = Clock.monotonic().addingSaturating(patience)
        while gantry_flock(descriptor, operation | LOCK_NB) != 0 {
            let number = errno
            guard number == EWOULDBLOCK else { throw .posix("lock \(path)", number) }
            guard !isCancelled() else { throw EngineError(.unavailable, "was interrupted") }
            guard Clock.monotonic() < deadline else {
                let seconds = patience / 1_000_000_000
                throw EngineError(
                    .unavailable,
                    "\(path): is still locked after \(seconds) s\(holders(descriptor)); end or continue (kill -CONT) who has it, and try again"
                )
            }
            usleep(5000)
        }
    }

    /// ` by process 12, 15`, as the kernel tells it (proc(5), /proc/locks); empty where it does not.
    static func holders(_ descriptor: Int32) -> String {
        var info = stat()
        guard fstat(descriptor, &info) == 0, let text = try? Files.readText("/proc/locks") else { return "" }
        let inode = ":\(info.st_ino)"
        var pids: [Substring] = []
        for line in text.lines where !line.has(text: "->") {
            let fields = line.words(at: " ")
            // 1: FLOCK ADVISORY WRITE 708 08:01:12345 0 EOF
            guard fields.count > 5, fields[1].isSame(as: "FLOCK"), fields[5].ends(with: inode),
                !fields[4].isSame(as: "0")
            else { continue }
            pids.append(fields[4])
        }
        return pids.isEmpty ? "" : " by process \(pids.joined(separator: ", "))"
    }
}
