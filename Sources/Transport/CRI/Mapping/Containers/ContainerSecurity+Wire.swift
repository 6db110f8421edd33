import Domain

extension ContainerSecurity {
    /// - Throws: `invalidArgument` for a user that is given twice, a group without a user, an unknown profile type and the like.
    package init(wire: Runtime_V1_LinuxContainerSecurityContext, at path: FieldPath) throws(DomainError) {
        self.init()
        capabilities = try Capabilities(wire: wire.capabilities, at: path.field("capabilities"))
        privileged = wire.privileged
        namespaces = try NamespaceOptions(wire: wire.namespaceOptions, at: path.field("namespace_options"))
        if wire.hasSelinuxOptions {
            seLinux = try SELinuxOptions(wire: wire.selinuxOptions, at: path.field("selinux_options"))
        }
        try takeUser(wire, at: path)
        try takeGroups(wire, at: path)
        readonlyRootfs = wire.readonlyRootfs
        noNewPrivileges = wire.noNewPrivs
        maskedPaths = try Self.paths(wire.maskedPaths, at: path.field("masked_paths"))
        readonlyPaths = try Self.paths(wire.readonlyPaths, at: path.field("readonly_paths"))
        seccomp = try SecurityProfile.seccomp(
            wire.hasSeccomp ? wire.seccomp : nil, deprecated: wire.seccompProfilePath, at: path)
        appArmor = try SecurityProfile.appArmor(
            wire.hasApparmor ? wire.apparmor : nil, deprecated: wire.apparmorProfile, at: path)
    }

    private mutating func takeUser(
        _ wire: Runtime_V1_LinuxContainerSecurityContext, at path: FieldPath
    ) throws(DomainError) {
        if wire.hasRunAsUser { runAsUser = try path.field("run_as_user").userOrGroupID(wire.runAsUser.value) }
        guard !wire.runAsUsername.isEmpty else { return }
        let username = path.field("run_as_username")
        guard !wire.hasRunAsUser else { throw username.invalid("cannot be given together with run_as_user") }
        runAsUsername = try username.username(wire.runAsUsername)
    }

    private mutating func takeGroups(
        _ wire: Runtime_V1_LinuxContainerSecurityContext, at path: FieldPath
    ) throws(DomainError) {
        if wire.hasRunAsGroup {
            let group = path.field("run_as_group")
            guard runAsUser != nil || !runAsUsername.isEmpty else {
                throw group.invalid("needs run_as_user or run_as_username")
            }
            runAsGroup = try group.userOrGroupID(wire.runAsGroup.value)
        }
        supplementalGroups = try path.field("supplemental_groups").each(wire.supplementalGroups) {
            (id, path) throws(DomainError) in try path.userOrGroupID(id)
        }
        supplementalGroupsPolicy = try SupplementalGroupsPolicy(
            wire: wire.supplementalGroupsPolicy, at: path.field("supplemental_groups_policy"))
    }

    private static func paths(_ wire: [String], at path: FieldPath) throws(DomainError) -> [String] {
        try path.each(wire) { (value, path) throws(DomainError) in try path.absolutePath(value) }
    }
}
