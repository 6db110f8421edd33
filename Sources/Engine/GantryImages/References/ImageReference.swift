import ByteText
import GantryCore

/// The name of an image in a registry, normalised as Docker does: `busybox` is `docker.io/library/busybox:latest`.
///
/// With a tag and a digest the digest decides and the tag is forgotten, since nobody verified that the tag means that digest.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// What follows the repository's name.
    package enum Version: Hashable, Sendable {
        case tag(String)
        case digest(Digest)
    }

    /// Host and port of the registry, `docker.io` when none was given.
    package let registry: String
    /// The path below the registry, `library/busybox`.
    package let path: String
    package let version: Version

    /// Reads a reference as people and the kubelet write it.
    /// - Throws: `invalid`, naming the reference and what is wrong with it.
    package init(_ text: String) throws(EngineError) {
        func refuse(_ why: String) -> EngineError { EngineError(.invalid, "image reference \"\(text)\": \(why)") }
        guard !text.isEmpty else { throw refuse("is empty") }
        guard text.utf8.count <= 1024 else { throw EngineError(.invalid, "image reference is longer than 1024 bytes") }

        var name = text[...]
        var digest: Digest?
        if let (before, after) = name.cut(at: "@") {
            digest = Digest(String(after))
            guard digest != nil else { throw refuse("what follows @ must be sha256: and 64 hex digits") }
            name = before
        }
        let tag = Self.splitTag(&name)
        if let tag, !ReferenceGrammar.isTag(tag) { throw refuse("\"\(tag)\" is no tag") }

        (registry, path) = Self.splitRegistry(name)
        guard ReferenceGrammar.isRegistry(registry) else { throw refuse("\"\(registry)\" is no registry host") }
        guard ReferenceGrammar.isPath(path) else {
            throw refuse("a repository name is made of lower-case letters, digits and single separators")
        }
        guard registry.utf8.count + 1 + path.utf8.count <= 255 else {
            throw refuse("the name is longer than 255 bytes")
        }
        if digest == nil, tag == nil, Digest(hex: String(name)) != nil {
            throw refuse("64 hex digits are an image id, not a name; write sha256:\(name)")
        }
        version = digest.map { .digest($0) } ?? .tag(tag ?? "latest")
    }

    init(registry: String, path: String, version: Version) {
        self.registry = registry
        self.path = path
        self.version = version
    }

    /// `docker.io/library/busybox`
    package var repository: String { "\(registry)/\(path)" }

    /// The whole name, as the store keeps it.
    package var description: String {
        switch version {
        case .tag(let tag): "\(repository):\(tag)"
        case .digest(let digest): "\(repository)@\(digest)"
        }
    }

    package var digest: Digest? {
        guard case .digest(let digest) = version else { return nil }
        return digest
    }

    /// The same repository, pinned to a digest.
    package func pinned(to digest: Digest) -> ImageReference {
        ImageReference(registry: registry, path: path, version: .digest(digest))
    }

    /// Takes `:tag` off the name: a colon behind the last slash (before it, it belongs to a port).
    private static func splitTag(_ name: inout Substring) -> String? {
        guard let (before, tag) = name.cutLast(at: ":"), !tag.has("/") else { return nil }
        name = before
        return String(tag)
    }

    /// The first component is a host if it could not be a path: it has a dot, a port, a capital, or is `localhost`.
    private static func splitRegistry(_ name: Substring) -> (registry: String, path: String) {
        var registry = "docker.io"
        var path = String(name)
        if let (first, rest) = name.cut(at: "/"),
            first == "localhost" || first.utf8.contains(where: { $0.isASCIIUpper || ".:".utf8.contains($0) })
        {
            registry = String(first)
            path = String(rest)
        }
        if registry == "index.docker.io" { registry = "docker.io" }
        if registry == "docker.io", !path.has("/") { path = "library/\(path)" }
        return (registry, path)
    }
}
