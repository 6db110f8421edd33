import CGantry
import Glibc

/// The files of events below `<run-dir>/engine/events`: `<uuid>` for each pod with `<uuid>.1` before it, `removed/<n>` for pods that are no
/// more, `images`; and `log`, in which supervisors of older engines tell of their pods together.
enum EventFiles {
    static let removed = "removed"
    static let images = "images"
    static let shared = "log"
    static let previousShared = "log.1"

    static func directory(runDir: String) -> String { "\(runDir)/engine/events" }

    /// Where the writer of a pod's events makes a file before it gets its name: alone at it, so that a kill leaves one at most.
    static func aside(_ uuid: PodUUID) -> String { ".\(uuid)" }
    static func previous(_ uuid: PodUUID) -> String { "\(uuid).1" }

    /// The open directory, made where it is not there.
    static func open(runDir: String) throws(EngineError) -> Int32 {
        try openMade(directory(runDir: runDir))
    }

    /// The directory of pods that are no more, likewise.
    static func openRemoved(runDir: String) throws(EngineError) -> Int32 {
        try openMade("\(directory(runDir: runDir))/\(removed)")
    }

    private static func openMade(_ path: String) throws(EngineError) -> Int32 {
        let descriptor = gantry_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        if descriptor >= 0 { return descriptor }
        guard errno == ENOENT else { throw .posix("open \(path)", errno) }
        try StoreFile.makeDirectories(path, mode: PrivateDirectories.mode)
        return try StoreFile.openDirectory(AT_FDCWD, path, path: path)
    }

    /// A file of events to be read; nil where it is not there.
    static func openFile(_ directory: Int32, _ name: String) throws(EngineError) -> Descriptor? {
        let descriptor = gantry_openat(directory, name, O_RDONLY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .posix("open the events \(name)", errno)
        }
        return try Descriptor(descriptor, "open the events \(name)")
    }

    /// Hands every complete line from `offset` on to `body` until it says false; where the last complete line ended.
    static func lines(
        _ descriptor: Int32, from offset: Int64, room: Int = 64 << 10,
        _ body: (UnsafeRawBufferPointer) throws(EngineError) -> Bool
    ) throws(EngineError) -> Int64 {
        var position = offset
        var space = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { space.deallocate() }
        var held = 0
        while true {
            if held == space.count { grow(&space, held) }
            guard let base = space.baseAddress else { throw EngineError(.exhausted, "read events: no memory") }
            let got = pread(descriptor, base + held, space.count - held, Int(position) + held)
            if got < 0 {
                if errno == EINTR { continue }
                throw .posix("read events", errno)
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

    /// Where the last complete line ends and the number of the last good one, read from the end.
    static func tail(_ descriptor: Int32, window: Int64 = 64 << 10) throws(EngineError) -> (
        end: Int64, sequence: UInt64?
    ) {
        let size = try size(descriptor)
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

    static func size(_ descriptor: Int32) throws(EngineError) -> Int64 {
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        guard size >= 0 else { throw .posix("find the end of events", errno) }
        return size
    }

    /// The file's first line and where it ends; nil where it has none.
    static func header(_ descriptor: Int32) throws(EngineError) -> (header: EventLine.Header, end: Int64)? {
        var found: EventLine.Header?
        let end = try lines(descriptor, from: 0, room: 512) { (line) throws(EngineError) in
            found = EventLine.parseHeader(line)
            return false
        }
        return found.map { ($0, end) }
    }
}
