import Glibc

/// Has journald write down all that it was sent so far: it reads what units print when it comes to it.
///
/// Source: `io.systemd.Journal.Synchronize` of systemd-journald.service(8), over Varlink: JSON texts that end with a NUL.
enum JournalSync {
    private static let address = "/run/systemd/journal/io.systemd.journal"
    private static let request = Array(#"{"method":"io.systemd.Journal.Synchronize","parameters":{}}"#.utf8) + [0]
    /// Seconds. A journal that takes longer is read as it is.
    private static let patience = 2

    /// Blocks until it is done, or cannot be: then what the journal has is all there is to read.
    static func wait() {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard connected(socket) else { return }
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return }
        // Whatever the answer is, it comes when all is done.
        var byte: UInt8 = 1
        while byte != 0, recv(socket, &byte, 1, 0) == 1 {}
    }

    private static func connected(_ socket: Int32) -> Bool {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let path = Array(address.utf8)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, length) == 0 }
        }
    }
}
