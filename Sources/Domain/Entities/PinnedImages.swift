import ByteText

/// The images that stay on the node whatever the kubelet collects, by their names.
package struct PinnedImages: Hashable, Sendable {
    /// A name with `*` (any bytes, none too) and `?` (one byte) in it.
    package struct Pattern: Hashable, Sendable {
        private let bytes: [UInt8]

        package init(_ text: String) { bytes = Array(text.utf8) }

        /// Takes no longer than the product of both lengths, whatever is in them.
        package func matches(_ text: String) -> Bool {
            let subject = Array(text.utf8)
            var (place, at) = (0, 0)
            // Where the last star is, and how far it has reached.
            var star: (place: Int, at: Int)?
            while at < subject.count {
                if place < bytes.count, bytes[place] == UInt8(ascii: "*") {
                    star = (place, at)
                    place += 1
                } else if place < bytes.count, bytes[place] == subject[at] || bytes[place] == UInt8(ascii: "?") {
                    place += 1
                    at += 1
                } else if let last = star {
                    star = (last.place, last.at + 1)
                    place = last.place + 1
                    at = last.at + 1
                } else {
                    return false
                }
            }
            return bytes[place...].allSatisfy { $0 == UInt8(ascii: "*") }
        }
    }

    /// Names as the store writes them, and ids.
    private let names: Set<String>
    private let patterns: [Pattern]

    package init(names: Set<String> = [], patterns: [Pattern] = []) {
        self.names = names
        self.patterns = patterns
    }

    package var isEmpty: Bool { names.isEmpty && patterns.isEmpty }

    /// Whether one of the image's names, or its id, is meant.
    package func pins(_ image: Image) -> Bool {
        if isEmpty { return false }
        if names.contains(image.id.rawValue) { return true }
        return (image.repoTags + image.repoDigests).contains { name in
            names.contains(name) || patterns.contains { $0.matches(name) }
        }
    }
}
