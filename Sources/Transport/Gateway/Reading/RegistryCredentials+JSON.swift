import Domain
import JSON
import RequestSyntax

extension RegistryCredentials {
    /// No error shows a value. Nil when there is nothing to show to a registry.
    ///
    /// - Throws: `invalidArgument` for a value that no header of HTTP could carry.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> RegistryCredentials? {
        var reader = try MessageReader(json, at: path)
        let credentials = RegistryCredentials(
            username: try path.field("username").line(try reader.string("username")),
            password: Secret(try path.field("password").withoutNUL(try reader.string("password"))),
            auth: Secret(try path.field("auth").line(try reader.string("auth"))),
            serverAddress: try path.field("server_address").line(try reader.string("server_address")),
            identityToken: Secret(try path.field("identity_token").line(try reader.string("identity_token"))),
            registryToken: Secret(try path.field("registry_token").line(try reader.string("registry_token"))))
        try reader.finish()
        let isAnonymous =
            credentials.username.isEmpty && credentials.password.isEmpty && credentials.auth.isEmpty
            && credentials.identityToken.isEmpty && credentials.registryToken.isEmpty
        return isAnonymous ? nil : credentials
    }
}
