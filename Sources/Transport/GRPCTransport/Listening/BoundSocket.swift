import Glibc

/// The listening socket of a transport, whoever made it.
struct BoundSocket: Sendable {
    let descriptor: CInt
    /// The socket's path, for people to read.
    let path: String
    private let own: UnixListener?

    init(_ listener: TransportListener) throws(ListenError) {
        switch listener {
        case .unix(let path, let mode):
            let own = try UnixListener.open(path, mode: mode)
            self.own = own
            self.path = path.path
            descriptor = own.descriptor
        case .inherited(let descriptor):
            try SocketActivation.check(descriptor)
            own = nil
            path = Self.boundPath(of: descriptor)
            self.descriptor = descriptor
        }
    }

    var address: String { "unix://\(path)" }

    /// Removes the socket's file if it is this process's own.
    func removeFile() {
        own?.removeFile()
    }

    private static func boundPath(of descriptor: CInt) -> String {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { return "" }
        return withUnsafeBytes(of: &address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
