import Domain
import SystemdRun

extension PlainRktDialect {
    func sandbox(
        _ pod: PodID, config: PodSandboxConfig, unit: String
    ) async throws(DomainError) -> SandboxInvocation {
        try RktLimits.check(config)
        let annotation = PodAnnotation(id: pod, createdAt: .now, config: config)
        let encoded = try RktAnnotation.encode(annotation.text, of: "pod \(pod)")
        let file = "\(settings.requestDirectory)/\(pod).uuid"
        PrivateFile.remove(file)
        try PrivateFile.write("", to: file)
        var arguments = ["--uuid-file-save=\(file)", "--user-annotation=\(PodAnnotation.key)=\(encoded)"]
        arguments.append(config.namespaces.network == .node ? "--net=host" : "--net=default")
        if !config.hostname.isEmpty { arguments.append("--hostname=\(config.hostname)") }
        arguments += config.dns.servers.map { "--dns=\($0)" }
        arguments += config.dns.searches.map { "--dns-search=\($0)" }
        arguments += config.dns.options.map { "--dns-opt=\($0)" }
        arguments += config.portMappings.filter { $0.hostPort > 0 }.map(Self.port)
        if !config.logDirectory.isEmpty {
            let prefix = "--annotation=coreos.com/rkt/experiment"
            arguments += ["\(prefix)/logmode=k8s-plain", "\(prefix)/kubernetes-log-dir=\(config.logDirectory)"]
        }
        return SandboxInvocation(
            command: [settings.binary] + command.arguments(["app", "sandbox"], arguments),
            // Readiness is told from within the pod's own tree of processes.
            environment: command.environment, files: [file], notifyAccess: "all")
    }

    private static func port(_ mapping: PortMapping) -> String {
        let proto = mapping.transport.rawValue
        let host = mapping.hostIP.isEmpty ? "0.0.0.0" : mapping.hostIP
        return "--port=\(proto)-\(mapping.containerPort):\(proto):\(mapping.containerPort):\(host):\(mapping.hostPort)"
    }

    /// rkt keeps no reason: the unit's log lines have it.
    func sandboxFailure(of pod: PodID) async -> DomainError? { nil }
}
