import Domain

/// What a command in a container would be rid of: rkt enters an app as root, with every capability, no seccomp filter, a writable root and
/// without `no_new_privs`, whatever the app itself has.
enum RktExecRule {
    /// The fields of the container's request that would not hold for a command; empty when none would be broken.
    static func broken(by security: ContainerSecurity) -> [String] {
        var fields: [String] = []
        let isRoot = security.runAsUser == 0 || security.runAsUsername == "root"
        if !isRoot { fields.append(security.runAsUser == nil ? "the image's user" : "run_as_user") }
        if security.runAsGroup.map({ $0 != 0 }) ?? false { fields.append("run_as_group") }
        // The usual set is a restriction as well.
        if !security.privileged { fields.append("capabilities") }
        if security.seccomp != .unconfined { fields.append("seccomp") }
        if security.readonlyRootfs { fields.append("readonly_rootfs") }
        if security.noNewPrivileges { fields.append("no_new_privs") }
        return fields
    }

    /// - Throws: `failedPrecondition`, naming what would not hold and the setting that grants it.
    static func check(_ container: Container, _ grants: RktGrants) throws(DomainError) {
        let fields = broken(by: container.config.security)
        guard !fields.isEmpty, !grants.execAsRoot else { return }
        throw DomainError(
            .failedPrecondition,
            "container \(container.id): rkt would run the command as root, without the container's \(fields.joined(separator: ", ")); "
                + "\(RktGrants.execAsRootName) in the configuration allows that")
    }
}
