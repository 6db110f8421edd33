import Domain

extension SecurityProfile {
    /// The seccomp profile of a security context: `seccomp`, else what `seccomp_profile_path` said before it, else
    /// none.
    ///
    /// - Parameter path: the security context.
    package static func seccomp(
        _ wire: Runtime_V1_SecurityProfile?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile {
        try seccomp(
            from: SecurityProfileReference(wire: wire, at: path.field("seccomp")), deprecated: deprecated, at: path)
    }

    /// The AppArmor profile of a security context: `apparmor`, else what `apparmor_profile` said before it, else nil.
    ///
    /// - Parameter path: the security context.
    package static func appArmor(
        _ wire: Runtime_V1_SecurityProfile?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile? {
        try appArmor(
            from: SecurityProfileReference(wire: wire, at: path.field("apparmor")), deprecated: deprecated, at: path)
    }
}

extension SecurityProfileReference {
    fileprivate init?(wire: Runtime_V1_SecurityProfile?, at path: FieldPath) throws(DomainError) {
        guard let wire else { return nil }
        let kind: Kind =
            switch wire.profileType {
            case .localhost: .localhost
            case .runtimeDefault: .runtimeDefault
            case .unconfined: .unconfined
            case .UNRECOGNIZED(let value): throw path.field("profile_type").unknownValue(value)
            }
        self.init(kind: kind, localhostRef: wire.localhostRef)
    }
}
