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
            DomainError(.invalidArgument, "image reference \"\(text.prefix(300))\": \(why)")
        }
        guard !text.isEmpty else { throw invalid("it is empty") }
        guard text.utf8.count <= 1024 else { throw invalid("it is longer than 1024 bytes") }
        var rest = Substring(text)
        if let at = rest.lastIndex(of: "@") {
            let digest = String(rest[rest.index(after: at)...])
            guard Self.isDigest(digest) else {
                throw invalid("what follows @ is no digest (sha256: and 64 hexadecimal digits)")
            }
            self.digest = digest
            rest = rest[..<at]
        } else {
            digest = nil
        }
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag) else { throw invalid("\"\(tag)\" is no tag") }
            self.tag = tag
            rest = rest[..<colon]
        } else {
            tag = digest == nil ? "latest" : nil
        }
        let (domain, path) = Self.split(rest)
        guard Self.isDomain(domain) else { throw invalid("\"\(domain)\" is no registry's name") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
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
        if text.hasPrefix("sha512-") { return isHex(text.dropFirst("sha512-".count)) }
        return isDigest(text) || isHex(text[...])
    }

    private static func split(_ name: Substring) -> (String, String) {
        guard let slash = name.firstIndex(of: "/") else { return ("docker.io", "library/\(name)") }
        let first = name[..<slash]
        let rest = name[name.index(after: slash)...]
        let isRegistry =
            first.contains(".") || first.contains(":") || first == "localhost" || first.contains(where: \.isUppercase)
        guard isRegistry else { return ("docker.io", String(name)) }
        guard first == "docker.io" || first == "index.docker.io" else { return (String(first), String(rest)) }
        return ("docker.io", rest.contains("/") ? String(rest) : "library/\(rest)")
    }

    private static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && isHex(text.dropFirst("sha256:".count))
    }

    private static func isHex(_ digits: Substring) -> Bool {
        digits.utf8.count == 64 && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
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

    /// A host name or address in brackets, and maybe a port.
    private static func isDomain(_ domain: String) -> Bool {
        var host = Substring(domain)
        if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
            guard UInt16(host[host.index(after: colon)...]) != nil else { return false }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.count > 2
                && host.dropFirst().dropLast().allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":") }
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (isWord($0) && $0 != UInt8(ascii: "_")) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Lower-case letters and digits, with one of `.`, `_`, `__` or any number of `-` between them.
    private static func isPathPart(_ part: Substring) -> Bool {
        var separator = ""
        var begun = false
        for character in part {
            let isAlphanumeric =
                character.isASCII && (character.isNumber || (character.isLetter && character.isLowercase))
            if isAlphanumeric {
                guard separator.isEmpty || (begun && isSeparator(separator)) else { return false }
                separator = ""
                begun = true
            } else {
                separator.append(character)
            }
        }
        return begun && separator.isEmpty
    }

    private static func isSeparator(_ text: String) -> Bool {
        text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
    }
}
