import Glibc

/// Why the server's socket could not be had.
package enum ListenError: Error, Hashable, CustomStringConvertible {
    /// The address is not one this transport can listen on.
    case badAddress(String, reason: String)
    /// Another process answers on the socket.
    case inUse(path: String)
    /// Something that is not a socket has the path.
    case notASocket(path: String)
    /// A system call failed.
    case system(action: String, path: String, code: CInt)
    /// What systemd passed on is not usable.
    case badActivation(String)
    /// The transport was told to stop, or listens already.
    case notStartable(String)

    package var description: String {
        switch self {
        case .badAddress(let address, let reason):
            "listen address '\(address)': \(reason)"
        case .inUse(let path):
            "socket \(path): another process listens on it; stop that one first, or choose another path"
        case .notASocket(let path):
            "socket \(path): there is a file of another kind; move it away, or choose another path"
        case .system(let action, let path, let code):
            "socket \(path): \(action) failed: \(String(cString: strerror(code)))"
        case .badActivation(let reason):
            "socket activation: \(reason)"
        case .notStartable(let reason):
            "gRPC transport: \(reason)"
        }
    }
}
