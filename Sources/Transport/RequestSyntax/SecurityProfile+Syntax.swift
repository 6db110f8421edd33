import ByteText
import Domain

/// A profile as a request names it: the type, and which one of those that the host has.
package struct SecurityProfileReference: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case runtimeDefault = "RuntimeDefault"
        case unconfined = "Unconfined"
        case localhost = "Localhost"
    }

    package var kind: Kind
    package var localhostRef: String

    package init(kind: Kind, localhostRef: String) {
        self.kind = kind
        self.localhostRef = localhostRef
    }
}

extension SecurityProfile {
    private static let localhostPrefix = "localhost/"

    /// The seccomp profile of a security context: `seccomp`, else what `seccomp_profile_path` said before it, else
    /// none.
    ///
    /// - Parameter path: the security context.
    package static func seccomp(
        from given: SecurityProfileReference?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile {
        let profile =
            if let given {
                try SecurityProfile(given, at: path.field("seccomp"))
            } else {
                try SecurityProfile(deprecated: deprecated, at: path.field("seccomp_profile_path"))
            }
        if case .localhost(let file) = profile {
            let field = given == nil ? path.field("seccomp_profile_path") : path.field("seccomp").field("localhost_ref")
            _ = try field.absolutePath(file)
        }
        return profile ?? .unconfined
    }

    /// The AppArmor profile of a security context: `apparmor`, else what `apparmor_profile` said before it, else nil.
    ///
    /// - Parameter path: the security context.
    package static func appArmor(
        from given: SecurityProfileReference?, deprecated: String, at path: FieldPath
    ) throws(DomainError) -> SecurityProfile? {
        let profile =
            if let given {
                try SecurityProfile(given, at: path.field("apparmor"))
            } else {
                try SecurityProfile(deprecated: deprecated, at: path.field("apparmor_profile"))
            }
        if case .localhost(let name) = profile {
            let field = given == nil ? path.field("apparmor_profile") : path.field("apparmor").field("localhost_ref")
            _ = try field.word(name)
        }
        return profile
    }

    private init?(_ given: SecurityProfileReference, at path: FieldPath) throws(DomainError) {
        let reference = path.field("localhost_ref")
        switch given.kind {
        case .localhost:
            self = .localhost(Self.withoutPrefix(try reference.filled(given.localhostRef)))
            return
        case .runtimeDefault: self = .runtimeDefault
        case .unconfined: self = .unconfined
        }
        guard given.localhostRef.isEmpty else { throw reference.invalid("needs profile_type Localhost") }
    }

    /// Nil for the empty string.
    private init?(deprecated value: String, at path: FieldPath) throws(DomainError) {
        switch value {
        case "": return nil
        case "runtime/default", "docker/default": self = .runtimeDefault
        case "unconfined": self = .unconfined
        default:
            guard value.begins(with: Self.localhostPrefix) else {
                throw path.invalid(
                    "\(value.quotedForMessage) is none of runtime/default, unconfined and localhost/PROFILE")
            }
            self = .localhost(Self.withoutPrefix(value))
        }
    }

    private static func withoutPrefix(_ value: String) -> String {
        value.without(prefix: localhostPrefix).map(String.init) ?? value
    }
}
