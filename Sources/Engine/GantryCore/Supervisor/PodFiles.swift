import ByteText
import Glibc

/// The texts of a pod's hosts, hostname and resolv.conf.
package enum PodFiles {
    /// What the pod calls itself: the host's name in the host's network.
    package static func hostname(_ config: PodConfig) -> String {
        guard config.network.mode != .host, !config.hostname.isEmpty else { return hostname() }
        return config.hostname
    }

    package static func hostname() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { space in
            guard let base = space.baseAddress, gethostname(base, space.count - 1) == 0 else { return "localhost" }
            space[space.count - 1] = 0
            return String(cString: base)
        }
    }

    /// /etc/hosts. - Parameter host: the host's own file, for pods in the host's network.
    package static func hosts(_ config: PodConfig, ips: [String], host: String?) -> String {
        var text: String
        if let host {
            text = host.isEmpty || host.ends(with: "\n") ? host : host + "\n"
        } else {
            text = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
            text += "fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
            for ip in ips { text += "\(ip)\t\(hostname(config))\n" }
        }
        for entry in config.hosts { text += "\(entry.ip)\t\(entry.names.joined(separator: "\t"))\n" }
        return text
    }

    /// /etc/resolv.conf: what the pod asks for, else what its network says, else the host's.
    package static func resolvConf(_ config: PodConfig, network: PodConfig.DNS?, host: String) -> String {
        if !config.dns.isEmpty { return resolvConf(config.dns) }
        if let network, !network.servers.isEmpty { return resolvConf(network) }
        return host
    }

    static func resolvConf(_ dns: PodConfig.DNS) -> String {
        var text = ""
        if !dns.searches.isEmpty { text += "search \(dns.searches.joined(separator: " "))\n" }
        for server in dns.servers { text += "nameserver \(server)\n" }
        if !dns.options.isEmpty { text += "options \(dns.options.joined(separator: " "))\n" }
        return text
    }
}
