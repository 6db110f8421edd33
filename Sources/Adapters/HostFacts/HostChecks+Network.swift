import ByteText

/// What packets of pods meet on this host. What the first pod or the daemon's unit brings about by itself is no warning.
extension HostChecks {
    static func forwarding() -> HostCheck {
        let forwarding = HostFiles.words(of: "/proc/sys/net/ipv4/ip_forward").first
        switch forwarding {
        case "1": return .ok("forwarding", "net.ipv4.ip_forward is 1")
        case "0":
            return .ok("forwarding", "net.ipv4.ip_forward is 0; a bridge with isGateway sets it with the first pod")
        default:
            return HostCheck(
                "forwarding", .warning, "net.ipv4.ip_forward is not readable: pods may not reach beyond the host",
                remedy: "mount -t proc proc /proc")
        }
    }

    static func bridgeFilter(
        setting: Substring? = HostFiles.words(of: "/proc/sys/net/bridge/bridge-nf-call-iptables").first,
        modules: KernelModules = KernelModules()
    ) -> HostCheck {
        switch setting {
        case "1": return .ok("bridge filter", "bridged packets pass iptables")
        case nil where modules.presence(of: "br_netfilter") == .loadable:
            return .ok("bridge filter", "br_netfilter is loaded when rktlet.service starts")
        case nil:
            return HostCheck(
                "bridge filter", .warning,
                "this kernel has no br_netfilter: services may not reach pods on the same bridge",
                remedy: "use a kernel with bridge netfilter, or a network that does without bridges")
        default:
            return HostCheck(
                "bridge filter", .warning,
                "net.bridge.bridge-nf-call-iptables is 0: services may not reach pods on the same bridge",
                remedy: "sysctl -w net.bridge.bridge-nf-call-iptables=1")
        }
    }

    static func connectionTracking(
        isThere: Bool = HostFiles.exists("/proc/sys/net/netfilter/nf_conntrack_max"),
        modules: KernelModules = KernelModules()
    ) -> HostCheck {
        if isThere { return .ok("conntrack", "available") }
        if modules.presence(of: "nf_conntrack") != .absent {
            return .ok("conntrack", "the kernel loads it with the first rule that needs it")
        }
        return HostCheck(
            "conntrack", .warning, "this kernel has no connection tracking: host ports and services need it",
            remedy: "use a kernel with nf_conntrack")
    }

    static func portMapping() -> HostCheck {
        if let path = HostFiles.program("iptables") ?? HostFiles.program("nft") { return .ok("host ports", path) }
        return HostCheck(
            "host ports", .warning, "neither iptables nor nft is installed: pods with host ports fail",
            remedy: "apt-get install iptables")
    }
}
