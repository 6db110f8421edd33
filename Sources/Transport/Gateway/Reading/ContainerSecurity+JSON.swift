import Domain
import JSON
import RequestSyntax

extension ContainerSecurity {
    /// - Throws: `invalidArgument` for a user that is given twice, a group without a user, an unknown profile type and the like.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> ContainerSecurity {
        var reader = try MessageReader(json, at: path)
        var security = ContainerSecurity()
        security.capabilities = try reader.message("capabilities", Capabilities.read) ?? Capabilities()
        security.privileged = try reader.bool("privileged")
        security.namespaces = try NamespaceOptions.read(
            try reader.take("namespace_options") ?? .object([:]), at: path.field("namespace_options"))
        security.seLinux = try reader.message("selinux_options", SELinuxOptions.read)
        try security.takeUser(&reader)
        security.readonlyRootfs = try reader.bool("readonly_rootfs")
        security.noNewPrivileges = try reader.bool("no_new_privs")
        security.maskedPaths = try paths("masked_paths", &reader)
        security.readonlyPaths = try paths("readonly_paths", &reader)
        security.seccomp = try SecurityProfile.seccomp(
            from: try reader.message("seccomp", SecurityProfileReference.read),
            deprecated: try reader.string("seccomp_profile_path"), at: path)
        security.appArmor = try SecurityProfile.appArmor(
            from: try reader.message("apparmor", SecurityProfileReference.read),
            deprecated: try reader.string("apparmor_profile"), at: path)
        try reader.finish()
        return security
    }

    private mutating func takeUser(_ reader: inout MessageReader) throws(DomainError) {
        let path = reader.path
        if let user = try reader.wrappedNumber("run_as_user") {
            runAsUser = try path.field("run_as_user").userOrGroupID(user)
        }
        let name = try reader.string("run_as_username")
        if !name.isEmpty {
            let username = path.field("run_as_username")
            guard runAsUser == nil else { throw username.invalid("cannot be given together with run_as_user") }
            runAsUsername = try username.username(name)
        }
        if let id = try reader.wrappedNumber("run_as_group") {
            let group = path.field("run_as_group")
            guard runAsUser != nil || !runAsUsername.isEmpty else {
                throw group.invalid("needs run_as_user or run_as_username")
            }
            runAsGroup = try group.userOrGroupID(id)
        }
        supplementalGroups = try path.field("supplemental_groups").each(try reader.numbers("supplemental_groups")) {
            (id, path) throws(DomainError) in try path.userOrGroupID(id)
        }
        supplementalGroupsPolicy = try reader.choice("supplemental_groups_policy", SupplementalGroupsPolicy.names)
    }

    private static func paths(_ name: String, _ reader: inout MessageReader) throws(DomainError) -> [String] {
        try reader.path.field(name).each(try reader.strings(name)) { (value, path) throws(DomainError) in
            try path.absolutePath(value)
        }
    }
}

extension SupplementalGroupsPolicy {
    static var names: KeyValuePairs<String, SupplementalGroupsPolicy> { ["Merge": .merge, "Strict": .strict] }
}

extension Capabilities {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> Capabilities {
        var reader = try MessageReader(json, at: path)
        var capabilities = Capabilities()
        capabilities.add = try path.field("add_capabilities").each(try reader.strings("add_capabilities"), name)
        capabilities.drop = try path.field("drop_capabilities").each(try reader.strings("drop_capabilities"), name)
        capabilities.addAmbient = try path.field("add_ambient_capabilities")
            .each(try reader.strings("add_ambient_capabilities"), name)
        try reader.finish()
        return capabilities
    }
}

extension SELinuxOptions {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> SELinuxOptions {
        var reader = try MessageReader(json, at: path)
        let options = SELinuxOptions(
            user: try path.field("user").line(try reader.string("user")),
            role: try path.field("role").line(try reader.string("role")),
            type: try path.field("type").line(try reader.string("type")),
            level: try path.field("level").line(try reader.string("level")))
        try reader.finish()
        return options
    }
}

extension SecurityProfileReference {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> SecurityProfileReference {
        var reader = try MessageReader(json, at: path)
        let reference = SecurityProfileReference(
            kind: try reader.choice(
                "profile_type",
                ["RuntimeDefault": Kind.runtimeDefault, "Unconfined": .unconfined, "Localhost": .localhost]),
            localhostRef: try reader.string("localhost_ref"))
        try reader.finish()
        return reference
    }
}
