import Domain

extension RegistryCredentials {
    /// The secrets leave the wire's own type at once. No error shows a value.
    ///
    /// - Throws: `invalidArgument` for a value that no header of HTTP could carry.
    package init(wire: Runtime_V1_AuthConfig, at path: FieldPath) throws(DomainError) {
        self.init(
            username: try path.field("username").line(wire.username),
            password: Secret(try path.field("password").withoutNUL(wire.password)),
            auth: Secret(try path.field("auth").line(wire.auth)),
            serverAddress: try path.field("server_address").line(wire.serverAddress),
            identityToken: Secret(try path.field("identity_token").line(wire.identityToken)),
            registryToken: Secret(try path.field("registry_token").line(wire.registryToken))
        )
    }

    /// True when there is nothing to show to a registry.
    package var isAnonymous: Bool {
        username.isEmpty && password.isEmpty && auth.isEmpty && identityToken.isEmpty && registryToken.isEmpty
    }
}
