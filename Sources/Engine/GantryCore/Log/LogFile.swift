import ByteText
import CGantry
import Glibc

/// An app's log file in the CRI format. Lines are whole in it, whatever happens; what the disk has no room for is dropped and
/// counted, because a full disk must not stop a container. Used by one thread at a time.
package final class LogFile {
    package let path: String
    /// Lines that could not be written.
    package private(set) var dropped: UInt64 = 0
    /// The error of the last write that failed; nil once one succeeded again.
    package private(set) var lastError: EngineError?
    private var descriptor: Int32
    /// Not there before.
    private let isOwn: Bool
    private var stdout = LogLines(.stdout)
    private var stderr = LogLines(.stderr)
    /// A line was cut and could not be taken back: the next write ends it first.
    private var isTorn = false
    /// write(2), by a helper, as everything here that may wait for the disk; a test puts a full disk here.
    var system: (Int32, UnsafeRawPointer?, Int) -> Int = { gantry_aside_write($0, $1, $2) }

    /// Opens the file to append, making it (mode 0640) and its parents where they are missing. Never through a symbolic link in
    /// its place.
    package init(_ path: String) throws(EngineError) {
        self.path = path
        (descriptor, isOwn) = try Self.open(path)
    }

    /// Takes back a file that was made here and has nothing in it.
    package func removeIfUnused() {
        guard isOwn, gantry_aside_end(descriptor) == 0 else { return }
        _ = gantry_aside_unlink(path)
    }

    deinit { if descriptor >= 0 { _ = gantry_aside_close(descriptor) } }

    /// Gives the open file away, until `unpark`.
    func park() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    func unpark(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Logs what was read from a stream at `time`, nanoseconds since the epoch.
    package func write(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer, at time: Int64) {
        LogBuffer.with { output in
            switch stream {
            case .stdout: stdout.take(bytes, at: time, into: &output) { put(&$0) }
            case .stderr: stderr.take(bytes, at: time, into: &output) { put(&$0) }
            }
            put(&output)
        }
    }

    /// Writes what is left of an unfinished line: the stream has ended.
    package func end(_ stream: LogStream, at time: Int64) {
        LogBuffer.with { output in
            switch stream {
            case .stdout: stdout.end(at: time, into: &output) { put(&$0) }
            case .stderr: stderr.end(at: time, into: &output) { put(&$0) }
            }
            put(&output)
        }
    }

    /// Goes on in a new file of the same path. The old one is let go only once the new one is open; on an error logging goes on
    /// as before.
    package func reopen() throws(EngineError) {
        let fresh = try Self.open(path).descriptor
        _ = gantry_aside_close(descriptor)
        descriptor = fresh
        isTorn = false
    }

    private func put(_ output: inout LogBuffer) {
        if output.isEmpty { return }
        let lines = output.lines(isTorn: isTorn)
        defer { output.removeAll() }
        var written = 0
        while written < lines.count {
            let count = system(descriptor, lines.baseAddress.map { $0 + written }, lines.count - written)
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                let failure = errno
                takeBack(lines, written)
                lastError = .posix("write log \(path)", failure)
                return
            }
        }
        isTorn = false
        lastError = nil
    }

    /// After a write that stopped at `written`: cuts the file back to its last whole line and counts what is lost.
    private func takeBack(_ lines: UnsafeRawBufferPointer, _ written: Int) {
        let newline = UInt8(ascii: "\n")
        let whole = (lines[..<written].lastIndex(of: newline) ?? -1) + 1
        // The line feed that was put in front ends an earlier line.
        let own = isTorn && written == 0 ? lines[1...] : lines[whole...]
        dropped += UInt64(own.count { $0 == newline })
        let torn = written - whole
        if whole > 0 { isTorn = false }
        guard torn > 0 else { return }
        let size = Int(gantry_aside_end(descriptor))
        if size < torn || gantry_aside_truncate(descriptor, Int64(size - torn)) < 0 { isTorn = true }
    }

    private static func open(_ path: String) throws(EngineError) -> (descriptor: Int32, isOwn: Bool) {
        var bytes = Array(path.utf8CString)
        let opening = bytes.withUnsafeMutableBufferPointer { gantry_aside_open_log($0.baseAddress) }
        switch opening.problem {
        case GANTRY_LOG_OPEN:
            return (opening.fd, !opening.was_there)
        case GANTRY_LOG_DIRECTORY:
            let directory = String(
                decoding: bytes.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
            throw .posix("make directory \(directory)", opening.error)
        case GANTRY_LOG_KIND:
            throw EngineError(.invalid, "log \(path): is there and is not a regular file")
        default:
            if opening.error == ELOOP { throw EngineError(.invalid, "log \(path): is a symbolic link") }
            throw .posix("open log \(path)", opening.error)
        }
    }
}
