import Domain
import SystemdRun

extension PlainRktDialect {
    func sandbox(
        _ pod: PodID, config: PodSandboxConfig, unit: String
    ) async throws(DomainError) -> SandboxInvocation {
        try RktLimits.check(config, settings.rkt)
        if config.namespaces.pid == .container {
            logger.notice(
                "the containers of a pod share one PID namespace, as the configuration grants",
                metadata: ["pod": "\(pod)"])
        }
        let annotation = PodAnnotation(id: pod, createdAt: .now, config: config)
        let encoded = try RktAnnotation.encode(annotation.text, of: "pod \(pod)")
        let file = "\(settings.requestDirectory)/\(pod).uuid"
        PrivateFile.remove(file)
        try PrivateFile.write("", to: file)
        var arguments = ["--uuid-file-save=\(file)", "--user-annotation=\(PodAnnotation.key)=\(encoded)"]
        arguments += try network(config.namespaces.network)
        arguments += hostname(config)
        arguments += Self.dns(config.dns)
        arguments += config.portMappings.filter { $0.hostPort > 0 }.map(Self.port)
        logs.makeDirectory(of: pod)
        let prefix = "--annotation=coreos.com/rkt/experiment"
        arguments += ["\(prefix)/logmode=k8s-plain", "\(prefix)/kubernetes-log-dir=\(logs.directory(of: pod))"]
        return SandboxInvocation(
            command: [settings.binary] + command.arguments(["app", "sandbox"], arguments),
            // Readiness is told from within the pod's own tree of processes.
            environment: command.environment, files: [file], notifyAccess: "all")
    }

    private func network(_ mode: NamespaceOptions.NetworkMode) throws(DomainError) -> [String] {
        guard mode == .pod else { return ["--net=host"] }
        try RktNetwork(settings.changeable()).write(to: networkDirectory)
        return networkOptions + ["--net=\(RktNetwork.name)"]
    }

    private var networkDirectory: String { "\(settings.runDirectory)/rkt" }

    /// Where rkt finds the plugins of a pod's network, at its start and again at its removal: without them that detaches nothing, and succeeds.
    var networkOptions: [String] {
        guard FilePresence.exists(networkDirectory) else { return [] }
        // What else is configured for rkt goes on to be read.
        let usual = "/etc/rkt"
        return ["--local-config=\(networkDirectory)"] + (FilePresence.exists(usual) ? ["--user-config=\(usual)"] : [])
    }

    /// On the host's network a pod that asks for no name has the host's, though rkt makes a UTS namespace for each.
    private func hostname(_ config: PodSandboxConfig) -> [String] {
        let own =
            config.hostname.isEmpty && config.namespaces.network == .node ? surroundings.hostname() : config.hostname
        return own.isEmpty ? [] : ["--hostname=\(own)"]
    }

    /// A pod that asks for nothing has the host's resolver, as with other runtimes: rkt would give it none at all.
    private static func dns(_ dns: DNSConfig) -> [String] {
        let arguments =
            dns.servers.map { "--dns=\($0)" } + dns.searches.map { "--dns-search=\($0)" }
            + dns.options.map { "--dns-opt=\($0)" }
        return arguments.isEmpty ? ["--dns=host"] : arguments
    }

    private static func port(_ mapping: PortMapping) -> String {
        let proto = mapping.transport.rawValue
        let host = mapping.hostIP.isEmpty ? "0.0.0.0" : mapping.hostIP
        return "--port=\(proto)-\(mapping.containerPort):\(proto):\(mapping.containerPort):\(host):\(mapping.hostPort)"
    }

    /// rkt keeps no reason: the unit's log lines have it.
    func sandboxFailure(of pod: PodID) async -> DomainError? { nil }
}
