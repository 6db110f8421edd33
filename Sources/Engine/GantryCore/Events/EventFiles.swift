import CGantry
import Glibc

/// The files of the event log: `log`, the one before it as `log.1`, and `lock`.
enum EventFiles {
    static let current = "log"
    static let previous = "log.1"
    static let lock = "lock"

    static func directory(runDir: String) -> String { "\(runDir)/engine/events" }

    /// The open directory, made where it is not there.
    static func open(runDir: String) throws(EngineError) -> Int32 {
        let path = directory(runDir: runDir)
        let descriptor = gantry_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        if descriptor >= 0 { return descriptor }
        guard errno == ENOENT else { throw .posix("open \(path)", errno) }
        try StoreFile.makeDirectories(path, mode: PrivateDirectories.mode)
        return try StoreFile.openDirectory(AT_FDCWD, path, path: path)
    }

    /// Takes the log's lock: exclusive to append, shared to look at a state that nobody moves on.
    static func lock(_ directory: Int32, _ operation: Int32) throws(EngineError) -> Int32 {
        let descriptor = gantry_openat(directory, lock, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .posix("open the lock of the event log", errno) }
        guard gantry_flock(descriptor, operation) == 0 else {
            let number = errno
            close(descriptor)
            throw .posix("lock the event log", number)
        }
        return descriptor
    }

    /// Hands every complete line from `offset` on to `body` until it says false; where the last complete line ended.
    static func lines(
        _ descriptor: Int32, from offset: Int64,
        _ body: (UnsafeRawBufferPointer) throws(EngineError) -> Bool
    ) throws(EngineError) -> Int64 {
        var position = offset
        var space = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { space.deallocate() }
        var held = 0
        while true {
            if held == space.count { grow(&space, held) }
            guard let base = space.baseAddress else { throw EngineError(.exhausted, "read the event log: no memory") }
            let got = pread(descriptor, base + held, space.count - held, Int(position) + held)
            if got < 0 {
                if errno == EINTR { continue }
                throw .posix("read the event log", errno)
            }
            if got == 0 { return position }
            held += got
            var start = 0
            while let found = memchr(base + start, 0x0a, held - start) {
                let end = base.distance(to: found)
                let more = try body(UnsafeRawBufferPointer(rebasing: space[start..<end]))
                position += Int64(end + 1 - start)
                start = end + 1
                if !more { return position }
            }
            held -= start
            memmove(base, base + start, held)
        }
    }

    private static func grow(_ space: inout UnsafeMutableRawBufferPointer, _ held: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: space.count * 4, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: space[..<held]))
        space.deallocate()
        space = larger
    }

    /// Where the last complete line ends and the number of the last good one, read from the end: a log may be long, and
    /// whoever appends is on the way to a pod's start.
    static func tail(_ descriptor: Int32, window: Int64 = 64 << 10) throws(EngineError) -> (
        end: Int64, sequence: UInt64?
    ) {
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        guard size >= 0 else { throw .posix("find the end of the event log", errno) }
        let start = max(0, size - window)
        // The first line of the window is whole only at the beginning of the file; elsewhere it is passed over.
        var isWhole = start == 0
        var sequence: UInt64?
        let end = try lines(descriptor, from: start) { (line) throws(EngineError) in
            if isWhole, let number = EventLine.sequence(line) { sequence = number }
            isWhole = true
            return true
        }
        if sequence == nil, start > 0 { return try tail(descriptor, window: window * 8) }
        return (end, sequence)
    }

    /// The number and boot of the file's first line; nil where it has none.
    static func header(_ descriptor: Int32) throws(EngineError) -> (sequence: UInt64, boot: String)? {
        var found: (sequence: UInt64, boot: String)?
        _ = try lines(descriptor, from: 0) { (line) throws(EngineError) in
            found = EventLine.parseHeader(line)
            return false
        }
        return found
    }
}
