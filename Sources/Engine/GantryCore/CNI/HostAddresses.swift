import Glibc

/// The addresses of the host, for pods in its network.
package enum HostAddresses {
    /// Of the interfaces that are up, loopback and link-local ones left out, IPv4 first.
    package static func current() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var v4: [String] = []
        var v6: [String] = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard entry.ifa_flags & UInt32(IFF_UP) != 0, entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                let address = entry.ifa_addr
            else { continue }
            switch Int32(address.pointee.sa_family) {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    v4 += text(AF_INET, &$0.pointee.sin_addr)
                }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    v6 += text(AF_INET6, &$0.pointee.sin6_addr)
                }
            default: break
            }
        }
        return v4 + v6.filter { !$0.hasPrefix("fe80:") }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> [String] {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { space in
            guard let base = space.baseAddress, inet_ntop(family, address, base, socklen_t(space.count)) != nil else {
                return []
            }
            return [String(cString: base)]
        }
    }
}
