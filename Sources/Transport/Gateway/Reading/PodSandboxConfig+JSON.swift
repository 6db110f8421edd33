import Domain
import JSON
import RequestSyntax

extension PodSandboxConfig {
    /// A `PodSandboxConfig`, as `RunPodSandbox` takes it.
    ///
    /// - Throws: `invalidArgument`, naming the first field that is wrong.
    static func read(_ json: JSON, runtimeHandler: String, at path: FieldPath) throws(DomainError) -> PodSandboxConfig {
        var reader = try MessageReader(json, at: path)
        try path.refuseWindows(try reader.take("windows") != nil)
        guard let metadata = try reader.message("metadata", PodSandboxMetadata.read) else {
            throw path.field("metadata").invalid("is missing")
        }
        var config = PodSandboxConfig(metadata: metadata)
        config.hostname = try path.field("hostname").hostname(try reader.string("hostname"))
        config.logDirectory = try path.field("log_directory").absolutePathOrEmpty(try reader.string("log_directory"))
        config.dns = try reader.message("dns_config", DNSConfig.read) ?? DNSConfig()
        config.portMappings = try reader.list("port_mappings", PortMapping.read)
        config.labels = try reader.stringMap("labels")
        config.annotations = try reader.stringMap("annotations")
        config.runtimeHandler = runtimeHandler
        try config.takeLinux(try reader.take("linux") ?? .object([:]), at: path.field("linux"))
        try reader.finish()
        // Such a pod is in the host's UTS namespace and has the host's name, whatever was asked.
        if config.namespaces.network == .node { config.hostname = "" }
        return config
    }

    private mutating func takeLinux(_ json: JSON, at path: FieldPath) throws(DomainError) {
        var reader = try MessageReader(json, at: path)
        cgroupParent = try path.field("cgroup_parent").line(try reader.string("cgroup_parent"))
        try takeSecurity(try reader.take("security_context") ?? .object([:]), at: path.field("security_context"))
        sysctls = try Sysctls.parse(
            try reader.stringMap("sysctls"), namespaces: namespaces, at: path.field("sysctls"))
        overhead = try reader.message("overhead", LinuxResources.read)
        resources = try reader.message("resources", LinuxResources.read)
        _ = try reader.message("namespaces", Self.refuseNamespaces)
        try reader.finish()
    }

    /// crictl's samples have `namespaces: {options: {}}`, which is a part of the status and never was one of the config. What asks for nothing is
    /// taken; what asks for something would not get it.
    private static func refuseNamespaces(_ json: JSON, at path: FieldPath) throws(DomainError) {
        var reader = try MessageReader(json, at: path)
        let options = try reader.take("options")
        try reader.finish()
        if let options, options != .object([:]) {
            throw path.field("options").invalid("is of the status; a config has linux.securityContext.namespaceOptions")
        }
    }

    /// A pod has no process of its own that these settings could be for: what they say is checked; the namespaces, `privileged` and the
    /// SELinux label matter.
    private mutating func takeSecurity(_ json: JSON, at path: FieldPath) throws(DomainError) {
        var reader = try MessageReader(json, at: path)
        namespaces = try NamespaceOptions.read(
            try reader.take("namespace_options") ?? .object([:]), at: path.field("namespace_options"))
        if case .target = namespaces.pid {
            throw path.field("namespace_options").field("pid")
                .invalid("TARGET is for containers; a pod has POD, CONTAINER or NODE")
        }
        privileged = try reader.bool("privileged")
        seLinux = try reader.message("selinux_options", SELinuxOptions.read)
        let user = try reader.wrappedNumber("run_as_user")
        if let user { _ = try path.field("run_as_user").userOrGroupID(user) }
        if let group = try reader.wrappedNumber("run_as_group") {
            guard user != nil else { throw path.field("run_as_group").invalid("needs run_as_user") }
            _ = try path.field("run_as_group").userOrGroupID(group)
        }
        _ = try path.field("supplemental_groups").each(try reader.numbers("supplemental_groups")) {
            (id, path) throws(DomainError) in try path.userOrGroupID(id)
        }
        _ = try reader.choice("supplemental_groups_policy", SupplementalGroupsPolicy.names)
        _ = try reader.bool("readonly_rootfs")
        _ = try SecurityProfile.seccomp(
            from: try reader.message("seccomp", SecurityProfileReference.read),
            deprecated: try reader.string("seccomp_profile_path"), at: path)
        _ = try SecurityProfile.appArmor(
            from: try reader.message("apparmor", SecurityProfileReference.read), deprecated: "", at: path)
        try reader.finish()
    }
}

extension PodSandboxMetadata {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> PodSandboxMetadata {
        var reader = try MessageReader(json, at: path)
        let metadata = PodSandboxMetadata(
            name: try path.field("name").name(try reader.string("name")),
            uid: try path.field("uid").name(try reader.string("uid")),
            namespace: try path.field("namespace").name(try reader.string("namespace")),
            attempt: try reader.number("attempt"))
        try reader.finish()
        return metadata
    }
}

extension DNSConfig {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> DNSConfig {
        var reader = try MessageReader(json, at: path)
        var dns = DNSConfig()
        dns.servers = try path.field("servers").each(try reader.strings("servers")) {
            (server, path) throws(DomainError) in try path.address(server, zone: true)
        }
        dns.searches = try path.field("searches").each(try reader.strings("searches")) {
            (domain, path) throws(DomainError) in try path.word(domain)
        }
        dns.options = try path.field("options").each(try reader.strings("options")) {
            (option, path) throws(DomainError) in try path.word(option)
        }
        try reader.finish()
        return dns
    }
}

extension PortMapping {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> PortMapping {
        var reader = try MessageReader(json, at: path)
        let transport = try reader.choice(
            "protocol", ["TCP": TransportProtocol.tcp, "UDP": .udp, "SCTP": .sctp])
        let container = try reader.number("container_port", as: Int32.self)
        let host = try reader.number("host_port", as: Int32.self)
        let address = try reader.string("host_ip")
        try reader.finish()
        return PortMapping(
            transport: transport,
            containerPort: UInt16(try path.field("container_port").number(container, in: 1...65_535)),
            hostPort: UInt16(try path.field("host_port").number(host, in: 0...65_535)),
            hostIP: address.isEmpty ? "" : try path.field("host_ip").address(address))
    }
}
