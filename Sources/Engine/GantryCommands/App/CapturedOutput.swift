import GantryCore
import Glibc

/// The first bytes of standard output and standard error, counted together; the rest is dropped.
struct CapturedOutput {
    private(set) var bytes: [[UInt8]] = [[], []]
    private let limit: Int
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false at the end of the stream.
    mutating func read(_ descriptor: Int32, stream: Int) throws(EngineError) -> Bool {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 {
            if errno == EINTR || errno == EAGAIN { return true }
            throw .posix("reading the command's output", errno)
        }
        let room = limit - bytes[0].count - bytes[1].count
        bytes[stream].append(contentsOf: buffer[..<min(count, room)])
        return count > 0
    }
}
