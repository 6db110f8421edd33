import ByteText
import Domain

/// What rkt 1.30 cannot give. A request for it is refused, naming the field; nothing is ignored.
enum RktLimits {
    private static func refuse(_ condition: Bool, _ field: String) throws(DomainError) {
        if condition { throw refusal(field) }
    }

    static func refusal(_ field: String) -> DomainError {
        DomainError(.invalidArgument, "\(field): rkt 1.30 cannot do this; use the engine gantry for it")
    }

    /// Whether this host has one hierarchy of cgroups (v2). On others a current systemd leaves rkt's slices without the controllers.
    static let isUnified = FilePresence.exists("/sys/fs/cgroup/cgroup.controllers")

    /// What is passed on and not enforced, for the log: refusing it would refuse nearly every pod of a cluster.
    static func unenforced(_ config: ContainerConfig, unified: Bool = isUnified) -> String? {
        guard !unified, let resources = config.resources else { return nil }
        let limits = [
            resources.memoryLimit > 0 ? "memory_limit_in_bytes" : nil, resources.cpuQuota > 0 ? "cpu_quota" : nil,
            resources.cpuShares > 0 ? "cpu_shares" : nil,
        ].compactMap { $0 }
        guard !limits.isEmpty else { return nil }
        return "rkt 1.30 does not enforce \(limits.joined(separator: ", ")) on a host with cgroup v1"
    }

    /// What holds of what was asked for: the rest is left out, so that a status promises nothing that is not so.
    static func inForce(_ resources: LinuxResources?, unified: Bool = isUnified) -> LinuxResources? {
        guard !unified, var rest = resources else { return resources }
        (rest.memoryLimit, rest.memorySwapLimit) = (0, 0)
        (rest.cpuQuota, rest.cpuPeriod, rest.cpuShares) = (0, 0, 0)
        return rest
    }

    static func check(_ config: PodSandboxConfig, _ grants: RktGrants) throws(DomainError) {
        let options = "config.linux.security_context.namespace_options"
        try check(config.namespaces.pid, "\(options).pid", grants)
        try refuse(config.namespaces.ipc == .node, "\(options).ipc")
        try refuse(config.namespaces.user != nil, "\(options).userns_options")
        try refuse(!config.sysctls.isEmpty, "config.linux.sysctls")
        try refuse(config.privileged, "config.linux.security_context.privileged")
        try refuse(config.seLinux != nil, "config.linux.security_context.selinux_options")
        try refuse(
            config.portMappings.contains { $0.hostPort > 0 && $0.transport == .sctp }, "config.port_mappings.protocol")
        try refuse(
            config.portMappings.contains { $0.hostPort > 0 && $0.hostIP.has(":") },
            "config.port_mappings.host_ip (an address of IPv6)")
        // Lines of a file, and lists with commas.
        try refuse(config.dns.servers.contains(where: isNoWord), "config.dns_config.servers")
        try refuse(config.dns.searches.contains(where: isNoWord), "config.dns_config.searches")
        try refuse(config.dns.options.contains(where: isNoWord), "config.dns_config.options")
    }

    private static func isNoWord(_ text: String) -> Bool {
        text.utf8.contains { $0.isASCIIControl || $0.isASCIIBlank || $0 == UInt8(ascii: ",") }
    }

    /// What the image says where the request says nothing.
    static func check(_ image: RktImageConfig, of config: ContainerConfig) throws(DomainError) {
        guard config.security.runAsUser == nil, config.security.runAsUsername.isEmpty else { return }
        try refuse(image.user.has("/"), "config.image.image: its user, the owner of a path")
    }

    /// Whether this host knows SELinux. A kubelet asks for its own volumes to be labelled wherever it runs, which means nothing without it.
    static let hasSELinux = FilePresence.exists("/sys/fs/selinux/enforce")

    static func check(
        _ config: ContainerConfig, _ grants: RktGrants, seLinux: Bool = hasSELinux
    ) throws(DomainError) {
        // rkt writes no log of a terminal, and cannot be attached to.
        try refuse(config.tty, "config.tty")
        try refuse(!config.devices.isEmpty, "config.devices")
        try refuse(!config.cdiDevices.isEmpty, "config.cdi_devices")
        try refuse(config.stopSignal.map { $0 != .term } ?? false, "config.stop_signal")
        for (index, mount) in config.mounts.enumerated() {
            try check(mount, "config.mounts[\(index)]")
            try refuse(mount.seLinuxRelabel && seLinux, "config.mounts[\(index)].selinux_relabel")
            guard config.security.readonlyRootfs, !mount.readonly else { continue }
            // It goes into a list of a unit: where rkt may write below what is read-only.
            try RktWords.check(path: mount.containerPath, "config.mounts[\(index)].container_path")
            try refuse(mount.containerPath.has(" "), "config.mounts[\(index)].container_path (it holds a blank)")
        }
        if let resources = config.resources { try check(resources) }
        try check(config.security, grants)
    }

    private static func check(
        _ pid: NamespaceOptions.PIDMode, _ field: String, _ grants: RktGrants
    ) throws(DomainError) {
        if pid == .container, !grants.sharedPIDNamespace {
            throw DomainError(
                .invalidArgument,
                "\(field): rkt has one PID namespace for all containers of a pod, and none for each; "
                    + "\(RktGrants.sharedPIDNamespaceName) in the configuration grants that one")
        }
        try refuse(pid != .pod && pid != .container, field)
    }

    private static func check(_ mount: Mount, _ field: String) throws(DomainError) {
        try refuse(mount.image != nil, "\(field).image")
        try refuse(mount.recursiveReadOnly, "\(field).recursive_read_only")
        try refuse(mount.propagation != .private, "\(field).propagation")
        try refuse(!mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty, "\(field).uidMappings")
        try refuse(!mount.options.isEmpty, "\(field).mount_options")
        try refuse(mount.hostPath.has(","), "\(field).host_path (it holds a comma)")
        try refuse(mount.containerPath.has(","), "\(field).container_path (it holds a comma)")
        try refuse(
            mount.containerPath.utf8.contains(where: \.isASCIIControl),
            "\(field).container_path (it holds control characters)")
    }

    private static func check(_ resources: LinuxResources) throws(DomainError) {
        let field = "config.linux.resources"
        try refuse(!resources.cpusetCPUs.isEmpty, "\(field).cpuset_cpus")
        try refuse(!resources.cpusetMems.isEmpty, "\(field).cpuset_mems")
        let ownSwap = resources.memorySwapLimit != 0 && resources.memorySwapLimit != resources.memoryLimit
        try refuse(ownSwap, "\(field).memory_swap_limit_in_bytes")
        try refuse(resources.hugepageLimits.contains { $0.limit > 0 }, "\(field).hugepage_limits")
        try refuse(!resources.unified.isEmpty, "\(field).unified")
    }

    private static func check(_ security: ContainerSecurity, _ grants: RktGrants) throws(DomainError) {
        let field = "config.linux.security_context"
        try refuse(security.privileged, "\(field).privileged")
        // rkt takes a path for its owner: a name of a file of root's would be root.
        try refuse(security.runAsUsername.has("/"), "\(field).run_as_username (a path)")
        try check(security.namespaces.pid, "\(field).namespace_options.pid", grants)
        try refuse(security.namespaces.ipc == .node, "\(field).namespace_options.ipc")
        try refuse(security.namespaces.user != nil, "\(field).namespace_options.userns_options")
        try refuse(security.seLinux != nil, "\(field).selinux_options")
        try refuse(!security.capabilities.addAmbient.isEmpty, "\(field).capabilities.add_ambient_capabilities")
        try refuse(security.supplementalGroupsPolicy == .strict, "\(field).supplemental_groups_policy")
        if case .localhost = security.seccomp { try refuse(true, "\(field).seccomp") }
        if let profile = security.appArmor, profile != .unconfined { try refuse(true, "\(field).apparmor") }
        try refuse(!Set(security.maskedPaths ?? []).isSubset(of: usualPaths), "\(field).masked_paths")
        try refuse(!Set(security.readonlyPaths ?? []).isSubset(of: usualPaths), "\(field).readonly_paths")
    }

    /// What rkt hides or makes read-only by itself.
    private static let usualPaths: Set<String> = [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/interrupts", "/sys/firmware", "/sys/devices/virtual/powercap",
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
}
