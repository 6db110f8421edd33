import ByteText
import Domain
import JSON

/// Credentials as a file in the form of containers-auth.json(5), so that they never are an argument.
enum RegistryAuthFile {
    /// The file's text; nil: ask without credentials.
    ///
    /// Credentials that name another server than the image's are not sent to it.
    static func text(for reference: ImageReference, _ credentials: RegistryCredentials) throws(DomainError) -> String? {
        guard credentials.registryToken.isEmpty else {
            throw DomainError(
                .invalidArgument,
                "auth.registry_token: what pulls takes it only as an argument, which every process of the host can read; give a user with a password, auth or an identity token"
            )
        }
        guard
            host(of: credentials.serverAddress).isEmpty || isSame(host(of: credentials.serverAddress), reference.domain)
        else { return nil }
        guard let entry = try entry(credentials) else { return nil }
        let document: JSON = ["auths": .object([reference.domain: entry])]
        return document.serialized()
    }

    private static func entry(_ credentials: RegistryCredentials) throws(DomainError) -> JSON? {
        if !credentials.identityToken.isEmpty {
            // The token goes with a user name that says so; without an "auth" the whole entry would be passed over.
            return [
                "auth": .string(JSONBytes.encode(Array("<token>:".utf8))),
                "identitytoken": .string(credentials.identityToken.reveal()),
            ]
        }
        if !credentials.auth.isEmpty {
            guard let pair = JSONBytes.decode(padded(credentials.auth.reveal())), pair.contains(UInt8(ascii: ":"))
            else {
                throw DomainError(.invalidArgument, "auth.auth is not the base64 of \"user:password\"")
            }
            return ["auth": .string(JSONBytes.encode(pair))]
        }
        guard !credentials.username.isEmpty || !credentials.password.isEmpty else { return nil }
        guard !credentials.username.has(":") else {
            throw DomainError(.invalidArgument, "auth.username holds a colon")
        }
        let pair = credentials.username + ":" + credentials.password.reveal()
        return ["auth": .string(JSONBytes.encode(Array(pair.utf8)))]
    }

    /// Some writers leave the padding out.
    private static func padded(_ text: String) -> String {
        let bare = text.words.joined()
        return bare + String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4)
    }

    /// `https://registry.example:5000/v1/` → `registry.example:5000`.
    private static func host(of address: String) -> String {
        var rest = Substring(address)
        for scheme in ["https://", "http://"] { rest = rest.without(prefix: scheme) ?? rest }
        return String(rest.upTo("/"))
    }

    private static func isSame(_ server: String, _ domain: String) -> Bool {
        let docker = ["docker.io", "index.docker.io", "registry-1.docker.io"]
        return server.isSame(as: domain) || (docker.has(server) && docker.has(domain))
    }
}
