import Glibc

/// A port of this machine's loopback, IPv4 or IPv6.
final class PortListener {
    let descriptor: CInt
    let remote: UInt16
    let port: UInt16

    /// - Returns: nil when the machine has no such loopback.
    /// - Throws: ``ConsoleError`` for a port that cannot be had.
    init?(isV6: Bool, local: UInt16, remote: UInt16) throws {
        let descriptor = socket(
            isV6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var one: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        guard Self.bind(descriptor, isV6: isV6, local), Glibc.listen(descriptor, 4096) == 0 else {
            let error = errno
            close(descriptor)
            if isV6, error == EADDRNOTAVAIL || error == EAFNOSUPPORT { return nil }
            throw ConsoleError(
                "port \(local) of \(isV6 ? "[::1]" : "127.0.0.1") cannot be listened on: \(String(cString: strerror(error))); take another, or :\(remote) for one that is free"
            )
        }
        self.descriptor = descriptor
        self.remote = remote
        port = Self.port(of: descriptor, isV6: isV6)
    }

    deinit { close(descriptor) }

    /// nil when nobody is there any more, or no descriptor is left.
    func accept() -> CInt? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFL, fcntl(accepted, F_GETFL) | O_NONBLOCK)
        var one: CInt = 1
        setsockopt(accepted, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        return accepted
    }

    private static func bind(_ descriptor: CInt, isV6: Bool, _ port: UInt16) -> Bool {
        if isV6 {
            var one: CInt = 1
            setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &one, socklen_t(MemoryLayout<CInt>.size))
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            name.sin6_addr = in6addr_loopback
            return bind(descriptor, name)
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return bind(descriptor, name)
    }

    private static func bind<Address>(_ descriptor: CInt, _ address: Address) -> Bool {
        withUnsafeBytes(of: address) { bytes in
            Glibc.bind(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
                == 0
        }
    }

    private static func port(of descriptor: CInt, isV6: Bool) -> UInt16 {
        // The port is at the same place in both.
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withUnsafeMutableBytes(of: &name) {
            getsockname(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return UInt16(bigEndian: name.sin6_port)
    }
}
