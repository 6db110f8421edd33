import CGantry
import Glibc

/// Appends to one pod's events, `<run-dir>/engine/events/<uuid>`.
///
/// Nobody else appends to that file, and nobody has to be waited for: the pod's supervisor does while it lives, then whoever has the turn at
/// cleaning up the pod. Numbers follow one another; a line that a kill cut short is closed by the next writer. Not shared between
/// threads.
package final class PodEventLog {
    private let uuid: PodUUID
    private let runDir: String
    private let directory: Int32
    private let rotateAt: Int64
    private var file: Int32 = -1
    private var header = EventLine.Header(sequence: 0, boot: "")
    /// Of the last event.
    package private(set) var last: UInt64 = 0
    private var size: Int64 = 0
    /// Whether the file ends with a line that was cut.
    private var isCut = false

    /// Opens the pod's events, made where there are none.
    /// - Parameter rotateAt: the size in bytes from which on a new file is begun. One before it is kept.
    package init(_ uuid: PodUUID, runDir: String, rotateAt: Int64 = 32 << 10) throws(EngineError) {
        self.uuid = uuid
        self.runDir = runDir
        self.rotateAt = rotateAt
        directory = try EventFiles.open(runDir: runDir)
        try openCurrent()
    }

    deinit {
        if file >= 0 { close(file) }
        close(directory)
    }

    /// Appends one event, whose state must be durable by now; its number.
    ///
    /// One that cannot be written has a number all the same: readers find that one is missing, and begin anew with a snapshot.
    @discardableResult
    package func append(_ event: EngineEvent) throws(EngineError) -> UInt64 {
        if gantry_same_file(file, directory, uuid.string) != 1 { try openCurrent() }
        if size >= rotateAt, !isCut { try rotate() }
        last += 1
        var bytes: [UInt8] = isCut ? [EventLine.cutMark, UInt8(ascii: "\n")] : []
        bytes.append(contentsOf: EventLine.encode(last, event.json).utf8)
        isCut = true
        defer { size = (try? EventFiles.size(file)) ?? size }
        try write(bytes)
        isCut = false
        return last
    }

    private func openCurrent() throws(EngineError) {
        if file >= 0 { close(file) }
        file = gantry_openat(directory, uuid.string, O_RDWR | O_APPEND | O_NOFOLLOW, 0)
        guard file >= 0 else {
            guard errno == ENOENT else { throw .posix("open \(path)", errno) }
            return try begin()
        }
        // Of another boot, or no events at all: its numbers mean nothing any more.
        let boot = try EngineBoot.current(runDir: runDir)
        guard let header = try EventFiles.header(file)?.header, header.boot == boot, header.pod == uuid else {
            unlinkat(directory, EventFiles.previous(uuid), 0)
            return try begin()
        }
        let tail = try EventFiles.tail(file)
        self.header = header
        last = tail.sequence ?? header.sequence
        size = try EventFiles.size(file)
        isCut = size > tail.end
    }

    /// The first number says which life of the pod it is, should its UUID be used again.
    private func begin() throws(EngineError) {
        let number = UInt64(Clock.monotonic() / 1000)
        header = EventLine.Header(
            sequence: number, begin: number, boot: try EngineBoot.current(runDir: runDir), pod: uuid)
        last = number
        try create()
    }

    /// The name leads to a whole file all the time, wherever a kill comes.
    private func rotate() throws(EngineError) {
        let previous = EventFiles.previous(uuid)
        unlinkat(directory, previous, 0)
        guard linkat(directory, uuid.string, directory, previous, 0) == 0 else {
            throw .posix("make \(path).1", errno)
        }
        header.sequence = last
        try create()
    }

    private func create() throws(EngineError) {
        let aside = EventFiles.aside(uuid)
        let made = gantry_openat(directory, aside, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard made >= 0 else { throw .posix("make \(path)", errno) }
        if file >= 0 { close(file) }
        file = made
        try write(Array(EventLine.encode(header).utf8))
        guard renameat(directory, aside, directory, uuid.string) == 0 else { throw .posix("make \(path)", errno) }
        size = try EventFiles.size(file)
        isCut = false
    }

    private var path: String { "\(EventFiles.directory(runDir: runDir))/\(uuid)" }

    /// What a failure leaves behind is a cut line like any other.
    private func write(_ bytes: [UInt8]) throws(EngineError) {
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
        if let failure { throw .posix("append to \(path)", failure) }
    }
}
