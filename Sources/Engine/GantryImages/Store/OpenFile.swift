import CArchive
import GantryCore
import Glibc
import Synchronization

/// A descriptor, closed with the value at the latest.
final class OpenFile: Sendable {
    private let value: Atomic<Int32>

    var descriptor: Int32 { value.load(ordering: .relaxed) }

    init(_ descriptor: Int32) { value = Atomic(descriptor) }

    deinit { close() }

    func close() {
        let descriptor = value.exchange(-1, ordering: .relaxed)
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// The two ends of a pipe.
    static func pipe() throws(EngineError) -> (reading: OpenFile, writing: OpenFile) {
        var ends: [Int32] = [0, 0]
        guard gantry_archive_pipe(&ends) == 0 else { throw .posix("making a pipe", errno) }
        return (OpenFile(ends[0]), OpenFile(ends[1]))
    }

    /// Two ends of a connection that keeps messages apart.
    static func packetSockets() throws(EngineError) -> (OpenFile, OpenFile) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .posix("making a socket", errno) }
        return (OpenFile(ends[0]), OpenFile(ends[1]))
    }

    static func null() throws(EngineError) -> OpenFile {
        let file = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw .posix("opening /dev/null", errno) }
        return OpenFile(file)
    }

    /// A file in memory.
    static func memory() throws(EngineError) -> OpenFile {
        let file = gantry_archive_memory_file("gantry")
        guard file >= 0 else { throw .posix("making a file in memory", errno) }
        return OpenFile(file)
    }

    /// Everything up to the end, of a pipe; nil where that is more than `limit` bytes.
    func readAll(limit: Int) throws(EngineError) -> [UInt8]? {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw .posix("reading a pipe", errno)
            }
            content.append(contentsOf: buffer[..<count])
            if content.count > limit { return nil }
        }
    }

    /// What a file has at its end, of `limit` bytes at most; nothing where it cannot be read.
    func tail(_ limit: Int) -> String {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return "" }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &buffer, limit, max(0, Int(status.st_size) - limit))
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}
