/// What packets of pods meet on this host.
extension HostChecks {
    static func bridgeFilter() -> HostCheck {
        switch HostFiles.words(of: "/proc/sys/net/bridge/bridge-nf-call-iptables").first {
        case "1": .ok("bridge filter", "bridged packets pass iptables")
        case nil:
            HostCheck(
                "bridge filter", .warning,
                "br_netfilter is not loaded: services may not reach pods on the same bridge",
                remedy: "modprobe br_netfilter, and name it in /etc/modules-load.d/rktlet.conf")
        default:
            HostCheck(
                "bridge filter", .warning,
                "net.bridge.bridge-nf-call-iptables is 0: services may not reach pods on the same bridge",
                remedy: "sysctl -w net.bridge.bridge-nf-call-iptables=1")
        }
    }

    static func connectionTracking() -> HostCheck {
        guard HostFiles.exists("/proc/sys/net/netfilter/nf_conntrack_max") else {
            return HostCheck(
                "conntrack", .warning, "connection tracking is not loaded: host ports and services need it",
                remedy: "modprobe nf_conntrack")
        }
        return .ok("conntrack", "available")
    }

    static func portMapping() -> HostCheck {
        if let path = HostFiles.program("iptables") ?? HostFiles.program("nft") { return .ok("host ports", path) }
        return HostCheck(
            "host ports", .warning, "neither iptables nor nft is installed: pods with host ports fail",
            remedy: "apt-get install iptables")
    }
}
