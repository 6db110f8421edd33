import Glibc

/// Where a transport takes its connections from.
package enum TransportListener: Sendable, Hashable {
    /// A socket of its own: made when it starts to listen, its file removed when it stops.
    case unix(path: UnixSocketPath, mode: mode_t = 0o660)
    /// A listening socket somebody else has made and whose file is theirs, as with socket activation.
    case inherited(descriptor: CInt)
}
