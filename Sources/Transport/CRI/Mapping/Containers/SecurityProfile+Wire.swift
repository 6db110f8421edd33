import Domain

extension SecurityProfile {
    private static let localhostPrefix = "localhost/"

    /// The seccomp profile of a security context: `seccomp`, else what `seccomp_profile_path` said before it, else
    /// none.
    ///
    /// - Parameter path: the security context.
    package static func seccomp(
        _ wire: Runtime_V1_SecurityProfile?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile {
        let profile =
            if let wire {
                try SecurityProfile(wire: wire, at: path.field("seccomp"))
            } else {
                try SecurityProfile(deprecated: deprecated, at: path.field("seccomp_profile_path"))
            }
        if case .localhost(let file) = profile {
            let field = wire == nil ? path.field("seccomp_profile_path") : path.field("seccomp").field("localhost_ref")
            _ = try field.absolutePath(file)
        }
        return profile ?? .unconfined
    }

    /// The AppArmor profile of a security context: `apparmor`, else what `apparmor_profile` said before it, else nil.
    ///
    /// - Parameter path: the security context.
    package static func appArmor(
        _ wire: Runtime_V1_SecurityProfile?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile? {
        let profile =
            if let wire {
                try SecurityProfile(wire: wire, at: path.field("apparmor"))
            } else {
                try SecurityProfile(deprecated: deprecated, at: path.field("apparmor_profile"))
            }
        if case .localhost(let name) = profile {
            let field = wire == nil ? path.field("apparmor_profile") : path.field("apparmor").field("localhost_ref")
            _ = try field.word(name)
        }
        return profile
    }

    private init?(wire: Runtime_V1_SecurityProfile, at path: FieldPath) throws(DomainError) {
        let reference = path.field("localhost_ref")
        switch wire.profileType {
        case .localhost:
            self = .localhost(Self.withoutPrefix(try reference.filled(wire.localhostRef)))
            return
        case .runtimeDefault: self = .runtimeDefault
        case .unconfined: self = .unconfined
        case .UNRECOGNIZED(let value): throw path.field("profile_type").unknownValue(value)
        }
        guard wire.localhostRef.isEmpty else { throw reference.invalid("needs profile_type Localhost") }
    }

    /// Nil for the empty string.
    private init?(deprecated value: String, at path: FieldPath) throws(DomainError) {
        switch value {
        case "": return nil
        case "runtime/default", "docker/default": self = .runtimeDefault
        case "unconfined": self = .unconfined
        default:
            guard value.hasPrefix(Self.localhostPrefix) else {
                throw path.invalid(
                    "\(value.quotedForMessage) is none of runtime/default, unconfined and localhost/PROFILE")
            }
            self = .localhost(Self.withoutPrefix(value))
        }
    }

    private static func withoutPrefix(_ value: String) -> String {
        value.hasPrefix(localhostPrefix) ? String(value.dropFirst(localhostPrefix.count)) : value
    }
}
