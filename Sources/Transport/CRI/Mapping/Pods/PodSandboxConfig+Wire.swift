import Domain

extension PodSandboxConfig {
    /// Parses what `RunPodSandbox` is given.
    ///
    /// - Parameters:
    ///   - runtimeHandler: as in the request; whether it exists is the use-case's to say.
    ///   - path: where the config stands in its request.
    /// - Throws: `invalidArgument`, naming the first field that is wrong.
    package init(
        wire: Runtime_V1_PodSandboxConfig, runtimeHandler: String, at path: FieldPath = FieldPath("config")
    ) throws(DomainError) {
        try path.refuseWindows(wire.hasWindows)
        guard wire.hasMetadata else { throw path.field("metadata").invalid("is missing") }
        self.init(metadata: try PodSandboxMetadata(wire: wire.metadata, at: path.field("metadata")))
        hostname = try path.field("hostname").hostname(wire.hostname)
        logDirectory = try path.field("log_directory").absolutePathOrEmpty(wire.logDirectory)
        dns = try DNSConfig(wire: wire.dnsConfig, at: path.field("dns_config"))
        portMappings = try path.field("port_mappings").each(wire.portMappings, PortMapping.init(wire:at:))
        labels = try path.field("labels").keysWithoutNUL(wire.labels)
        annotations = try path.field("annotations").keysWithoutNUL(wire.annotations)
        self.runtimeHandler = runtimeHandler
        try take(wire.linux, at: path.field("linux"))
        if namespaces.network == .node {
            // Such a pod is in the host's UTS namespace and has the host's name, whatever was asked.
            hostname = ""
        }
    }

    private mutating func take(_ linux: Runtime_V1_LinuxPodSandboxConfig, at path: FieldPath) throws(DomainError) {
        cgroupParent = try path.field("cgroup_parent").line(linux.cgroupParent)
        try take(linux.securityContext, at: path.field("security_context"))
        sysctls = try Sysctls.parse(linux.sysctls, namespaces: namespaces, at: path.field("sysctls"))
        if linux.hasOverhead { overhead = try LinuxResources(wire: linux.overhead, at: path.field("overhead")) }
        if linux.hasResources { resources = try LinuxResources(wire: linux.resources, at: path.field("resources")) }
    }

    /// A pod has no process of its own that these settings could be for: what they say is checked, the namespaces,
    /// `privileged` and the SELinux label matter.
    private mutating func take(
        _ context: Runtime_V1_LinuxSandboxSecurityContext, at path: FieldPath
    ) throws(DomainError) {
        namespaces = try NamespaceOptions(podWire: context.namespaceOptions, at: path.field("namespace_options"))
        privileged = context.privileged
        if context.hasSelinuxOptions {
            seLinux = try SELinuxOptions(wire: context.selinuxOptions, at: path.field("selinux_options"))
        }
        if context.hasRunAsUser { _ = try path.field("run_as_user").userOrGroupID(context.runAsUser.value) }
        if context.hasRunAsGroup {
            guard context.hasRunAsUser else { throw path.field("run_as_group").invalid("needs run_as_user") }
            _ = try path.field("run_as_group").userOrGroupID(context.runAsGroup.value)
        }
        _ = try path.field("supplemental_groups").each(context.supplementalGroups) { (id, path) throws(DomainError) in
            try path.userOrGroupID(id)
        }
        _ = try SupplementalGroupsPolicy(
            wire: context.supplementalGroupsPolicy, at: path.field("supplemental_groups_policy"))
        _ = try SecurityProfile.seccomp(
            context.hasSeccomp ? context.seccomp : nil, deprecated: context.seccompProfilePath, at: path)
        _ = try SecurityProfile.appArmor(context.hasApparmor ? context.apparmor : nil, deprecated: "", at: path)
    }
}
