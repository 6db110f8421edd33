/// A value that no log, error or debugger summary shows. Ask for it by name where it is used.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String
    package init(_ value: String) { self.value = value }
    /// The value itself.
    package func reveal() -> String { value }
    package var isEmpty: Bool { value.isEmpty }
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a registry is asked with. All fields may be empty: an anonymous pull.
package struct RegistryCredentials: Hashable, Sendable {
    package var username: String
    package var password: Secret
    /// base64 of `username:password`, as docker's configuration file holds it.
    package var auth: Secret
    package var serverAddress: String
    package var identityToken: Secret
    package var registryToken: Secret

    package init(
        username: String = "", password: Secret = Secret(""), auth: Secret = Secret(""), serverAddress: String = "",
        identityToken: Secret = Secret(""), registryToken: Secret = Secret("")
    ) {
        self.username = username
        self.password = password
        self.auth = auth
        self.serverAddress = serverAddress
        self.identityToken = identityToken
        self.registryToken = registryToken
    }
}
