import ByteText
import GantryCore
import JSON

/// Takes secrets out of text that others wrote: whatever the auth file holds, and user and password in URLs.
struct Redaction: Sendable {
    private var secrets: [String] = []

    init() {}

    /// - Throws: `not-found`, `invalid` or `unsupported` for an auth file that cannot be used.
    init(authFile: String?) throws(EngineError) {
        guard let authFile else { return }
        guard authFile.isAbsolutePath, let parent = authFile.parentPath else {
            throw EngineError(.invalid, "auth file \(authFile): the path must be absolute")
        }
        let directory = try OpenDirectory.open(String(parent))
        guard let bytes = try directory.read(String(authFile.lastPathComponent), limit: 1 << 20) else {
            throw EngineError(.notFound, "auth file \(authFile): is not there")
        }
        guard let json = try? JSON(parsing: bytes), json.objectValue != nil else {
            throw EngineError(.invalid, "auth file \(authFile): is not JSON in the form of containers' auth.json")
        }
        for entry in json["auths"]?.objectValue?.values.map({ $0 }) ?? [] {
            // skopeo would pass it over, and ask without any credentials.
            guard entry["registrytoken"]?.stringValue?.isEmpty ?? true else {
                throw EngineError(
                    .unsupported,
                    "auth file \(authFile): has a registrytoken, which skopeo takes only where every process could read it; use auth or identitytoken"
                )
            }
            for value in entry.stringMap?.values.map({ $0 }) ?? [] { add(value) }
            if let auth = entry["auth"]?.stringValue, let pair = Base64.decode(auth) {
                let text = String(decoding: pair, as: UTF8.self)
                add(text)
                if let (_, password) = text.cut(at: ":") { add(String(password)) }
            }
        }
        secrets.sort { $0.utf8.count > $1.utf8.count }
    }

    private mutating func add(_ secret: String) {
        if !secret.isEmpty { secrets.append(secret) }
    }

    func apply(to text: String) -> String {
        var text = text
        for secret in secrets {
            text = text.pieces(atText: secret).joined(separator: "***")
        }
        return withoutUserInfo(text)
    }

    /// `scheme://user:password@host` becomes `scheme://***@host`.
    private func withoutUserInfo(_ text: String) -> String {
        var parts = text.pieces(atText: "://").map(String.init)
        for index in parts.indices.dropFirst() {
            // The bytes that end an authority are ASCII, and so the rest is whole.
            let (authority, rest) = parts[index].leading { !"/?#\" \n".utf8.contains($0) }
            guard let (_, host) = authority.cutLast(at: "@") else { continue }
            parts[index] = "***@\(host)\(rest)"
        }
        return parts.joined(separator: "://")
    }
}
