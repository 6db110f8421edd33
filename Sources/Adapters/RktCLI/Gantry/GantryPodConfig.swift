import Domain
import JSON

/// A pod's request in the engine's words (`app sandbox --config`).
enum GantryPodConfig {
    static func json(
        _ pod: PodID, _ config: PodSandboxConfig, unit: String, createdAt: Timestamp, settings: EngineSettings
    ) throws(DomainError) -> JSON {
        var document = JSONMembers()
        document.set("version", 1)
        document.set("uuid", EngineUUID(pod).description)
        document.set("unit", unit)
        document.set("hostname", config.hostname)
        if !config.dns.isEmpty { document.set("dns", config.dns.json) }
        document.set("network", try network(pod, config, settings))
        document.set("ports", config.portMappings.filter { $0.hostPort > 0 }.map(port))
        document.set("namespaces", try namespaces(config.namespaces))
        document.set("sysctls", config.sysctls)
        document.set("stopTimeoutSeconds", settings.stopGrace.components.seconds)
        document.set("containerID", pod.rawValue)
        let annotation = PodAnnotation(id: pod, createdAt: createdAt, config: config)
        document.set("annotations", [PodAnnotation.key: annotation.text])
        document.set("userLabels", config.labels)
        return document.json
    }

    private static func network(
        _ pod: PodID, _ config: PodSandboxConfig, _ settings: EngineSettings
    ) throws(DomainError) -> JSON {
        guard config.namespaces.network == .pod else { return ["mode": "host"] }
        let metadata = config.metadata
        let directories = settings.changeable()
        return [
            "capabilities": try capabilities(config, settings),
            "mode": "cni",
            "confDir": .string(directories.cniConfigurationDirectory),
            "binDirs": .array(directories.cniBinaryDirectories.map { .string($0) }),
            // The names that network plugins know from Kubernetes.
            "args": [
                "IgnoreUnknown": "1", "K8S_POD_NAMESPACE": .string(metadata.namespace),
                "K8S_POD_NAME": .string(metadata.name), "K8S_POD_INFRA_CONTAINER_ID": .string(pod.rawValue),
                "K8S_POD_UID": .string(metadata.uid),
            ],
        ]
    }

    /// What plugins get that declare the capability, beside port mappings and DNS, which the engine knows itself: the names and forms of
    /// the CNI conventions, as containerd passes them.
    private static func capabilities(
        _ config: PodSandboxConfig, _ settings: EngineSettings
    ) throws(DomainError) -> JSON {
        var document = JSONMembers()
        document.set("io.kubernetes.cri.pod-annotations", config.annotations)
        document.set("cgroupPath", config.cgroupParent)
        let bandwidth = try NetworkBandwidth(annotations: config.annotations)
        if !bandwidth.isUnlimited {
            var limits = JSONMembers()
            for (name, rate) in [("ingress", bandwidth.ingress), ("egress", bandwidth.egress)] {
                guard let rate else { continue }
                limits.set("\(name)Rate", rate)
                limits.set("\(name)Burst", Int64(UInt32.max))
            }
            document.set("bandwidth", limits.json)
        }
        let ranges = settings.podRanges()
        // A set of ranges for each family: one address of each.
        if !ranges.isEmpty {
            document.set("ipRanges", JSON.array(ranges.map { .array([["subnet": .string($0)]]) }))
        }
        return document.json
    }

    private static func port(_ mapping: PortMapping) -> JSON {
        [
            "protocol": .string(mapping.transport.rawValue), "containerPort": .integer(Int64(mapping.containerPort)),
            "hostPort": .integer(Int64(mapping.hostPort)), "hostIP": .string(mapping.hostIP),
        ]
    }

    private static func namespaces(_ options: NamespaceOptions) throws(DomainError) -> JSON {
        var document = JSONMembers()
        switch options.pid {
        case .container: document.set("pid", "container")
        case .pod: document.set("pid", "pod")
        case .node: document.set("pid", "host")
        case .target:
            throw DomainError(
                .invalidArgument, "linux.security_context.namespace_options.pid: a pod cannot target a container")
        }
        document.set("ipc", options.ipc == .node ? "host" : "pod")
        document.set("user", options.user?.json)
        return document.json
    }
}
