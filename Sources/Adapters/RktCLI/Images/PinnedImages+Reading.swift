import ByteText
import Domain

extension PinnedImages {
    private static let most = 256

    /// Reads names as everywhere (`busybox` is `docker.io/library/busybox:latest`), ids, and patterns with `*` and `?` for whole names.
    ///
    /// - Throws: `invalidArgument` naming the text that is neither, or the pattern that no name can fit.
    package init(reading texts: [String]) throws(DomainError) {
        guard texts.count <= Self.most else {
            throw DomainError(.invalidArgument, "has \(texts.count) entries; \(Self.most) are the most")
        }
        var (names, patterns): (Set<String>, [Pattern]) = ([], [])
        for text in texts {
            if text.has("*") || text.has("?") {
                try Self.check(pattern: text)
                patterns.append(Pattern(text))
            } else if let id = Self.id(text) {
                names.insert(id)
            } else {
                let reference = try ImageReference(text)
                // With a digest the tag says nothing, and stores list it without.
                names.insert(reference.digest == nil ? reference.description : reference.source)
            }
        }
        self.init(names: names, patterns: patterns)
    }

    private static func id(_ text: String) -> String? {
        guard ImageReference.isImageID(text) else { return nil }
        return text.has(":") || text.has("-") ? text : "sha256:" + text
    }

    private static func check(pattern text: String) throws(DomainError) {
        func invalid(_ why: String) -> DomainError {
            DomainError(.invalidArgument, "image pattern \"\(text.shortened(to: 300))\": \(why)")
        }
        guard text.utf8.count <= 1024 else { throw invalid("it is longer than 1024 bytes") }
        guard text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "._-:/@*?".utf8.contains($0) }) else {
            throw invalid("it is made of letters, digits, . _ - : / @, and * and ? for what may vary")
        }
        // Names are compared as they are listed, with their registry.
        let first = text.cut(at: "/").map { String($0.before) }
        let hasRegistry =
            first.map { first in first == "localhost" || first.utf8.contains { ".:*?".utf8.contains($0) } } ?? false
        guard hasRegistry || text.begins(with: "*") else {
            throw invalid("no name fits it: they begin with their registry, as in docker.io/library/busybox:*")
        }
    }
}
