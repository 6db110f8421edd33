import CGantry
import Glibc

/// Appends to the event log, `<run-dir>/engine/events/log`.
///
/// Any number of processes do so at once, each under the log's lock. Numbers follow one another without gap; a line that a
/// kill cut short is closed by the next writer and its number used again. Not shared between threads.
package final class EventLog {
    private let runDir: String
    private let directory: Int32
    private let rotateAt: Int64
    private var file: Int32 = -1
    private var boot = ""
    /// Where this writer's knowledge ends: everything before `known` is complete lines, the last one numbered `last`.
    private var known: Int64 = 0
    private var last: UInt64 = 0

    /// `rotateAt`: the size in bytes from which on the log is rotated.
    package init(runDir: String, rotateAt: Int64 = 8 << 20) throws(EngineError) {
        self.runDir = runDir
        self.rotateAt = rotateAt
        directory = try EventFiles.open(runDir: runDir)
    }

    deinit {
        if file >= 0 { close(file) }
        close(directory)
    }

    /// Appends one event, whose state must be durable by now; its number.
    @discardableResult
    package func append(_ event: EngineEvent) throws(EngineError) -> UInt64 {
        try append([event])
    }

    /// Appends events in this order, in one write; the number of the last.
    @discardableResult
    package func append(_ events: [EngineEvent]) throws(EngineError) -> UInt64 {
        let lock = try EventFiles.lock(directory, LOCK_EX)
        defer { close(lock) }
        try openCurrent()
        let cut = try catchUp()
        if known >= rotateAt, cut == 0 { try rotate() }
        var text = ""
        var sequence = last
        for event in events {
            sequence += 1
            text += EventLine.encode(sequence, boot: boot, event.json)
        }
        var closing: [UInt8] = cut > 0 ? [EventLine.cutMark, UInt8(ascii: "\n")] : []
        closing.append(contentsOf: text.utf8)
        try write(closing, from: known + cut)
        known += cut + Int64(closing.count)
        last = sequence
        return sequence
    }

    /// The number of the last event, the log made where there is none. Waits for writers.
    package func lastSequence() throws(EngineError) -> (sequence: UInt64, boot: String) {
        let lock = try EventFiles.lock(directory, LOCK_EX)
        defer { close(lock) }
        try openCurrent()
        _ = try catchUp()
        return (last, boot)
    }

    /// Sees to it that `file` is what `log` names now. Under the lock.
    private func openCurrent() throws(EngineError) {
        if file >= 0, gantry_same_file(file, directory, EventFiles.current) == 1 { return }
        if file >= 0 { close(file) }
        file = gantry_openat(directory, EventFiles.current, O_RDWR | O_APPEND | O_NOFOLLOW, 0)
        if file < 0 {
            guard errno == ENOENT else { throw .posix("open the event log", errno) }
            try create(after: try lastOfPrevious())
            return
        }
        // Of another boot, or not a log at all: its numbers mean nothing any more.
        guard let header = try EventFiles.header(file), header.boot == (try EngineBoot.current(runDir: runDir)) else {
            unlinkat(directory, EventFiles.previous, 0)
            try create(after: 0)
            return
        }
        let tail = try EventFiles.tail(file)
        (known, last, boot) = (tail.end, tail.sequence ?? header.sequence, header.boot)
    }

    /// Reads what others appended since; how many bytes of a cut line are at the end.
    private func catchUp() throws(EngineError) -> Int64 {
        known = try EventFiles.lines(file, from: known) { (line) throws(EngineError) in
            if let sequence = EventLine.sequence(line) { last = sequence }
            return true
        }
        let size = Int64(lseek(file, 0, SEEK_END))
        guard size >= 0 else { throw .posix("find the end of the event log", errno) }
        return max(0, size - known)
    }

    /// The new file is whole before it takes the name; a kill between the two renames is mended by `openCurrent`.
    private func rotate() throws(EngineError) {
        guard renameat(directory, EventFiles.current, directory, EventFiles.previous) == 0 else {
            throw .posix("rotate the event log", errno)
        }
        try create(after: last)
    }

    private func create(after sequence: UInt64) throws(EngineError) {
        boot = try EngineBoot.current(runDir: runDir)
        let path = "\(EventFiles.directory(runDir: runDir))/log"
        let header = EventLine.header(sequence, boot: boot)
        try StoreFile.write(directory, EventFiles.current, header, path: path, durability: .atomic, mode: 0o600)
        if file >= 0 { close(file) }
        file = gantry_openat(directory, EventFiles.current, O_RDWR | O_APPEND | O_NOFOLLOW, 0)
        guard file >= 0 else { throw .posix("open \(path)", errno) }
        (known, last) = (Int64(header.utf8.count), sequence)
    }

    private func lastOfPrevious() throws(EngineError) -> UInt64 {
        let previous = gantry_openat(directory, EventFiles.previous, O_RDONLY | O_NOFOLLOW, 0)
        guard previous >= 0 else { return 0 }
        defer { close(previous) }
        let header = try EventFiles.header(previous)
        guard header?.boot == (try EngineBoot.current(runDir: runDir)) else { return 0 }
        return try EventFiles.tail(previous).sequence ?? 0
    }

    /// One write where the kernel takes it whole. What a failure leaves behind is a cut line like any other.
    private func write(_ bytes: [UInt8], from start: Int64) throws(EngineError) {
        let failure: Int32? = bytes.withUnsafeBytes { space in
            var rest = space
            while !rest.isEmpty {
                let put = Glibc.write(file, rest.baseAddress, rest.count)
                if put < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[put...])
            }
            return nil
        }
        guard let failure else { return }
        throw .posix("append to the event log", failure)
    }
}
