import ByteText
import Domain

/// A registry reference in its canonical form, as Docker and containerd complete it: `busybox` is `docker.io/library/busybox:latest`.
struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// `docker.io`, `registry.example:5000`.
    let domain: String
    /// `library/busybox`.
    let path: String
    /// Nil with a digest alone.
    let tag: String?
    /// `sha256:<64 hex>`.
    let digest: String?

    var description: String {
        "\(domain)/\(path)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// What to ask the registry for: with a digest the tag says nothing more.
    var source: String { "\(domain)/\(path)" + (digest.map { "@\($0)" } ?? ":\(tag ?? "latest")") }

    init(_ text: String) throws(DomainError) {
        func invalid(_ why: String) -> DomainError {
            DomainError(.invalidArgument, "image reference \"\(text.shortened(to: 300))\": \(why)")
        }
        guard !text.isEmpty else { throw invalid("it is empty") }
        guard text.utf8.count <= 1024 else { throw invalid("it is longer than 1024 bytes") }
        var rest = Substring(text)
        if let (name, digest) = rest.cutLast(at: "@") {
            guard Self.isDigest(String(digest)) else {
                throw invalid("what follows @ is no digest (sha256: and 64 hexadecimal digits)")
            }
            self.digest = String(digest)
            rest = name
        } else {
            digest = nil
        }
        if let (name, tag) = rest.cutLast(at: ":"), !tag.has("/") {
            guard Self.isTag(String(tag)) else { throw invalid("\"\(tag)\" is no tag") }
            self.tag = String(tag)
            rest = name
        } else {
            tag = digest == nil ? "latest" : nil
        }
        let (domain, path) = Self.domainAndPath(rest)
        guard Self.isDomain(domain) else { throw invalid("\"\(domain)\" is no registry's name") }
        let parts = path.pieces(at: "/")
        guard parts.allSatisfy(Self.isPathPart) else {
            throw invalid(
                "the name is made of lower-case letters, digits and single separators (. _ __ -), with / between its parts"
            )
        }
        guard "\(domain)/\(path)".utf8.count <= 255 else { throw invalid("the name is longer than 255 bytes") }
        self.domain = domain
        self.path = path
    }

    /// `sha256:<64 hex>` or bare 64 hex, as clients name an image by its id; `sha512-<64 hex>`: an old rkt's.
    static func isImageID(_ text: String) -> Bool {
        if let digits = text.without(prefix: "sha512-") { return isHex(digits) }
        return isDigest(text) || isHex(text[...])
    }

    private static func domainAndPath(_ name: Substring) -> (String, String) {
        guard let (first, rest) = name.cut(at: "/") else { return ("docker.io", "library/\(name)") }
        let isRegistry =
            first == "localhost" || first.utf8.contains(where: { $0.isASCIIUpper || ".:".utf8.contains($0) })
        guard isRegistry else { return ("docker.io", String(name)) }
        guard first == "docker.io" || first == "index.docker.io" else { return (String(first), String(rest)) }
        return ("docker.io", rest.has("/") ? String(rest) : "library/\(rest)")
    }

    private static func isDigest(_ text: String) -> Bool {
        text.without(prefix: "sha256:").map(isHex) ?? false
    }

    private static func isHex(_ digits: Substring) -> Bool {
        digits.byteCount == 64 && digits.isLowerHex
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: byte == UInt8(ascii: "_")
        }
    }

    private static func isTag(_ tag: String) -> Bool {
        guard let first = tag.utf8.first, isWord(first), tag.utf8.count <= 128 else { return false }
        return tag.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// A host name or address in brackets, and maybe a port: as the engine has it (`ReferenceGrammar.isRegistry`), which refuses port 0.
    private static func isDomain(_ domain: String) -> Bool {
        var host = Substring(domain)
        if let (name, port) = host.cutLast(at: ":"), !port.has("]") {
            guard (1...5).contains(port.byteCount), let number = UInt16(digits: port), number > 0 else { return false }
            host = name
        }
        if let address = host.without(prefix: "[")?.without(suffix: "]") {
            return !address.isEmpty
                && address.utf8.allSatisfy { $0.lowercasedASCII.isLowerHex || ":.".utf8.contains($0) }
        }
        let labels = host.pieces(at: ".")
        return labels.allSatisfy { label in
            !label.isEmpty && !label.begins(with: "-") && !label.ends(with: "-")
                && label.utf8.allSatisfy { (isWord($0) && $0 != UInt8(ascii: "_")) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Lower-case letters and digits, with one of `.`, `_`, `__` or any number of `-` between them.
    private static func isPathPart(_ part: Substring) -> Bool {
        var rest = part
        while true {
            let (word, behind) = rest.leading { $0.isASCIILower || $0.isASCIIDigit }
            guard !word.isEmpty else { return false }
            if behind.isEmpty { return true }
            let (separator, next) = behind.leading { ".-_".utf8.contains($0) }
            guard isSeparator(separator) else { return false }
            rest = next
        }
    }

    private static func isSeparator(_ text: Substring) -> Bool {
        text == "." || text == "_" || text == "__"
            || (!text.isEmpty && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") })
    }
}
