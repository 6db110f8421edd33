import Domain
import Glibc

/// Pipes, sockets and terminals: our side close-on-exec and non-blocking, the far side close-on-exec and blocking.
enum FakeDescriptors {
    enum Side { case reader, writer }

    static func pipe(ours side: Side) throws(DomainError) -> (ours: Int32, far: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw failure("pipe") }
        let (ours, far) = side == .reader ? (ends[0], ends[1]) : (ends[1], ends[0])
        return mark(ours, far)
    }

    static func sockets() throws(DomainError) -> (ours: Int32, far: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw failure("socketpair") }
        return mark(ends[0], ends[1])
    }

    /// A pseudo-terminal; ours is the master (ioctl_tty(2): TIOCSPTLCK, TIOCGPTPEER).
    static func terminal(_ size: TerminalSize?) throws(DomainError) -> (master: Int32, slave: Int32) {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard master >= 0 else { throw failure("/dev/ptmx") }
        var unlocked: Int32 = 0
        guard ioctl(master, 0x4004_5431, &unlocked) == 0 else { throw failure("TIOCSPTLCK") }
        let slave = ioctl(master, 0x5441, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { throw failure("TIOCGPTPEER") }
        if let size { _ = resize(master, size) }
        return mark(master, slave)
    }

    static func resize(_ master: Int32, _ size: TerminalSize) -> Bool {
        var window = winsize(ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0)
        return ioctl(master, UInt(TIOCSWINSZ), &window) == 0
    }

    static func copy(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }

    static func write(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }

    /// Until either side ends.
    static func carry(_ source: Int32, _ target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let got = read(source, &buffer, buffer.count)
            guard got > 0 else { return }
            var sent = 0
            while sent < got {
                let count = buffer[sent..<got].withUnsafeBytes { Glibc.write(target, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Blocking calls have no place on the cooperative pool.
    static func onThread(_ body: @escaping @Sendable () -> Void) {
        final class Job {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job(body)).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, job)
        precondition(failed == 0, "no thread")
        pthread_detach(thread)
    }

    private static func mark(_ ours: Int32, _ far: Int32) -> (Int32, Int32) {
        for end in [ours, far] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK)
        return (ours, far)
    }

    private static func failure(_ what: String) -> DomainError {
        DomainError(.resourceExhausted, "\(what): \(String(cString: strerror(errno)))")
    }
}
