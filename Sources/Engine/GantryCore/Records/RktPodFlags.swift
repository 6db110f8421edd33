import ByteText

/// rkt's flags of `app sandbox`, as the command line took them, in terms of a pod configuration.
package struct RktPodFlags: Equatable, Sendable {
    package var hostname: String?
    package var dns: [String] = []
    package var dnsSearch: [String] = []
    package var dnsOpt: [String] = []
    /// `--hosts-entry=IP=NAME`, repeated or joined by commas.
    package var hostsEntries: [String] = []
    /// `--net=NAME[:K=V;K=V]|host|none|default`, at most one.
    package var net: [String] = []
    /// `--port=NAME:PROTOCOL:CONTAINERPORT[:HOSTIP]:HOSTPORT`, repeated.
    package var ports: [String] = []
    package var annotations: [String] = []
    package var userAnnotations: [String] = []
    package var userLabels: [String] = []

    package init() {}

    /// Puts what was given over `config`; `invalid` and `unsupported` name the flag.
    package func apply(to config: inout PodConfig) throws(EngineError) {
        if let hostname {
            guard Validation.isHostname(hostname) else {
                throw EngineError(.invalid, "--hostname: \"\(hostname)\" is not a host name")
            }
            config.hostname = hostname
        }
        try applyDNS(to: &config)
        if let network = net.first {
            guard net.count == 1 else { throw EngineError(.unsupported, "--net: one network is supported") }
            try apply(network: network, to: &config.network)
        }
        for text in ports { config.ports.append(try Self.port(text)) }
        try RktFlag.merge(annotations, "--annotation", into: &config.annotations)
        try RktFlag.merge(userAnnotations, "--user-annotation", into: &config.userAnnotations)
        try RktFlag.merge(userLabels, "--user-label", into: &config.userLabels)
    }

    private func applyDNS(to config: inout PodConfig) throws(EngineError) {
        for server in dns {
            guard Validation.isNameServer(server) else {
                throw EngineError(.invalid, "--dns: \"\(server)\" is not an IP address")
            }
            config.dns.servers.append(server)
        }
        for (flag, words) in [("--dns-search", dnsSearch), ("--dns-opt", dnsOpt)] {
            for word in words where !Validation.isWord(word) {
                throw EngineError(.invalid, "\(flag): \"\(word)\" is empty or holds white space")
            }
        }
        config.dns.searches += dnsSearch
        config.dns.options += dnsOpt
        for text in hostsEntries.flatMap({ $0.words(at: ",") }) {
            let (ip, name) = try RktFlag.pair(String(text), "--hosts-entry")
            guard Validation.isAddress(ip), Validation.isWord(name) else {
                throw EngineError(.invalid, "--hosts-entry: \"\(text)\" is not IP=NAME")
            }
            if let place = config.hosts.firstIndex(where: { $0.ip == ip }) {
                config.hosts[place].names.append(name)
            } else {
                config.hosts.append(.init(ip: ip, names: [name]))
            }
        }
    }

    private func apply(network text: String, to network: inout PodConfig.Network) throws(EngineError) {
        switch text {
        case "host": network.mode = .host
        case "none": network.mode = .none
        case "", "default":
            network.mode = .cni
            network.name = ""
        default:
            network.mode = .cni
            let parts = text.words(at: ":", maxWords: 2)
            network.name = String(parts[0])
            let arguments = parts.count > 1 ? parts[1].words(at: ";") : []
            try RktFlag.merge(arguments.map(String.init), "--net", into: &network.args)
        }
    }

    private static func port(_ text: String) throws(EngineError) -> PodConfig.Port {
        let parts = text.pieces(at: ":")
        guard parts.count >= 4, let kind = PodConfig.PortProtocol(rawValue: parts[1].lowercasedASCII),
            let container = UInt16(digits: parts[2]), container > 0, let last = parts.last,
            let host = UInt16(digits: last)
        else {
            throw EngineError(.invalid, "--port: \"\(text)\" is not NAME:PROTOCOL:CONTAINERPORT[:HOSTIP]:HOSTPORT")
        }
        var address = parts[3..<(parts.count - 1)].joined(separator: ":")
        if let inner = address.without(prefix: "[")?.without(suffix: "]") { address = String(inner) }
        guard address.isEmpty || Validation.isAddress(address) else {
            throw EngineError(.invalid, "--port: \"\(address)\" is not an IP address")
        }
        return .init(protocol: kind, containerPort: container, hostPort: host, hostIP: address)
    }
}
