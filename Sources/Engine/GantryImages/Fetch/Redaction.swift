import GantryCore
import JSON

/// Takes secrets out of text that others wrote: whatever the auth file holds, and user and password in URLs.
struct Redaction: Sendable {
    private var secrets: [String] = []

    init() {}

    /// - Throws: `not-found`, `invalid` or `unsupported` for an auth file that cannot be used.
    init(authFile: String?) throws(EngineError) {
        guard let authFile else { return }
        let slash = authFile.lastIndex(of: "/") ?? authFile.startIndex
        guard authFile.hasPrefix("/") else {
            throw EngineError(.invalid, "auth file \(authFile): the path must be absolute")
        }
        let directory = try OpenDirectory.open(slash == authFile.startIndex ? "/" : String(authFile[..<slash]))
        guard let bytes = try directory.read(String(authFile[authFile.index(after: slash)...]), limit: 1 << 20) else {
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
                if let colon = text.firstIndex(of: ":") { add(String(text[text.index(after: colon)...])) }
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
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
        }
        return withoutUserInfo(text)
    }

    /// `scheme://user:password@host` becomes `scheme://***@host`.
    private func withoutUserInfo(_ text: String) -> String {
        var parts = text.split(separator: "://", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices.dropFirst() {
            let authority = parts[index].prefix { !"/?#\" \n".contains($0) }
            guard let at = authority.lastIndex(of: "@") else { continue }
            parts[index] = "***" + parts[index][at...]
        }
        return parts.joined(separator: "://")
    }
}
