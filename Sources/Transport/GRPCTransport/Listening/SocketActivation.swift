import ByteText
import Glibc

/// Sockets that systemd has opened for this process (sd_listen_fds(3)).
package enum SocketActivation {
    /// SD_LISTEN_FDS_START.
    private static let firstDescriptor: CInt = 3
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]

    /// A descriptor that was passed on.
    package struct Socket: Hashable, Sendable {
        package let descriptor: CInt
        /// Its name in the socket unit (FileDescriptorName=), if it has one.
        package let name: String?
    }

    /// What the environment says was passed to the process with this id. Nothing, when it speaks to another process.
    package static func sockets(
        environment: [String: String],
        processID: pid_t
    ) throws(ListenError) -> [Socket] {
        guard let pid = environment["LISTEN_PID"], let count = environment["LISTEN_FDS"] else { return [] }
        guard let pid = pid_t(digits: pid) else { throw .badActivation("LISTEN_PID='\(pid)' is not a process id") }
        guard pid == processID else { return [] }
        guard let count = CInt(digits: count), (0...1024).contains(count) else {
            throw .badActivation("LISTEN_FDS='\(count)' is not a number of descriptors")
        }
        let names = environment["LISTEN_FDNAMES"]?.pieces(at: ":") ?? []
        return (0..<Int(count)).map { index in
            let name = index < names.count && !names[index].isEmpty ? String(names[index]) : nil
            return Socket(descriptor: firstDescriptor + CInt(index), name: name)
        }
    }

    /// The one socket among those that were passed on; nil when there is none.
    ///
    /// - Throws: when there are several: to serve one of them, and leave clients of the others waiting for ever, helps nobody.
    package static func only(_ sockets: [Socket]) throws(ListenError) -> Socket? {
        guard sockets.count > 1 else { return sockets.first }
        let names = sockets.map { $0.name ?? "descriptor \($0.descriptor)" }.joined(separator: ", ")
        throw .badActivation(
            "\(sockets.count) sockets were passed on (\(names)), and one is served: leave one ListenStream= in the socket unit"
        )
    }

    /// Takes what was passed to this process: no child inherits the descriptors or reads the variables.
    ///
    /// Call it once, before other threads run: it changes the process's environment.
    package static func take(environment: [String: String]) throws(ListenError) -> [Socket] {
        let sockets = try sockets(environment: environment, processID: getpid())
        for variable in variables { unsetenv(variable) }
        for socket in sockets {
            let flags = fcntl(socket.descriptor, F_GETFD)
            guard flags >= 0, fcntl(socket.descriptor, F_SETFD, flags | FD_CLOEXEC) == 0 else {
                throw .badActivation("descriptor \(socket.descriptor) is not open")
            }
        }
        return sockets
    }

    /// Makes sure that a descriptor is a Unix stream socket that listens, as the transport needs it.
    static func check(_ descriptor: CInt) throws(ListenError) {
        func option(_ name: CInt) -> CInt? {
            var value: CInt = 0
            var length = socklen_t(MemoryLayout<CInt>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        guard let domain = option(SO_DOMAIN) else {
            throw .badActivation("descriptor \(descriptor) is not a socket")
        }
        guard domain == AF_UNIX, option(SO_TYPE) == CInt(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN) == 1 else {
            throw .badActivation(
                "descriptor \(descriptor) is not a listening Unix stream socket: use ListenStream=/path in the socket unit"
            )
        }
    }
}
