import Glibc

/// Reads and writes the non-blocking ends of sessions, for a while.
enum SessionBytes {
    private static let patience: Int32 = 20_000

    /// Up to the end, which is that of a terminal too (EIO).
    static func all(_ descriptor: Int32?) throws -> [UInt8] {
        guard let descriptor else { throw ContractViolation("there is no such stream") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            try wait(descriptor, POLLIN)
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, errno == EAGAIN || errno == EINTR { continue }
            guard got > 0 else { return bytes }
            bytes += buffer[..<got]
        }
    }

    static func write(_ text: String, to descriptor: Int32?) throws {
        guard let descriptor else { throw ContractViolation("there is no such stream") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try wait(descriptor, POLLOUT)
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw ContractViolation("writing: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    private static func wait(_ descriptor: Int32, _ events: Int32) throws {
        var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&polled, 1, patience) > 0 else { throw ContractViolation("nothing comes, or nobody takes it") }
    }
}
