import ByteText

/// Which labels something must have, in the words of Kubernetes (concepts/overview/working-with-objects/labels, "Label selectors"):
/// `app=web,tier!=back,zone in (a,b),zone notin (c),canary,!old`.
struct LabelSelector: Equatable {
    enum Requirement: Equatable {
        case oneOf(key: String, values: Set<ByteString>)
        /// Also where there is no such label.
        case noneOf(key: String, values: Set<ByteString>)
        case there(key: String)
        case notThere(key: String)
    }

    /// All of them must hold; none: everything matches.
    private(set) var requirements: [Requirement] = []

    init() {}

    /// Of nothing, or blanks alone, as in Kubernetes: one that everything matches.
    ///
    /// - Returns: nil for what is no selector.
    init?(_ text: String) {
        guard !text.trimmed.isEmpty else { return }
        for term in Self.terms(of: text) {
            guard let requirement = Self.requirement(term) else { return nil }
            requirements.append(requirement)
        }
    }

    mutating func add(_ other: LabelSelector) { requirements += other.requirements }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .oneOf(let key, let values): labels[exactly: key].map { values.contains($0) } ?? false
            case .noneOf(let key, let values): !(labels[exactly: key].map { values.contains($0) } ?? false)
            case .there(let key): labels[exactly: key] != nil
            case .notThere(let key): labels[exactly: key] == nil
            }
        }
    }

    /// Divided at the commas that are not in parentheses.
    private static func terms(of text: String) -> [Substring] {
        var terms: [Substring] = []
        var (begin, depth) = (text.startIndex, 0)
        for (index, byte) in zip(text.utf8.indices, text.utf8) {
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                terms.append(text[begin..<index])
                begin = text.utf8.index(after: index)
            default: break
            }
        }
        return terms + [text[begin...]]
    }

    private static func requirement(_ term: Substring) -> Requirement? {
        let term = term.trimmed
        if let rest = term.without(prefix: "!") { return key(rest).map { .notThere(key: $0) } }
        if term.ends(with: ")") { return set(term) }
        let (head, rest) = term.leading { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "!") }
        guard let key = key(head) else { return nil }
        if rest.isEmpty { return .there(key: key) }
        for (sign, isEqual) in [("==", true), ("!=", false), ("=", true)] {
            guard let behind = rest.without(prefix: sign) else { continue }
            guard let value = value(behind) else { return nil }
            return isEqual ? .oneOf(key: key, values: [value]) : .noneOf(key: key, values: [value])
        }
        return nil
    }

    /// `key in (a,b)`, `key notin (a,b)`.
    private static func set(_ term: Substring) -> Requirement? {
        guard let (before, list) = term.without(suffix: ")")?.cut(at: "(") else { return nil }
        let words = before.words
        guard words.count == 2, let key = key(words[0]) else { return nil }
        var values: Set<ByteString> = []
        for part in list.pieces(at: ",") {
            guard let value = value(part) else { return nil }
            values.insert(value)
        }
        switch words[1] {
        case "in": return .oneOf(key: key, values: values)
        case "notin": return .noneOf(key: key, values: values)
        default: return nil
        }
    }

    private static func key(_ text: Substring) -> String? {
        let key = text.trimmed
        return key.isEmpty || !isPlain(key) ? nil : String(key)
    }

    /// May be empty.
    private static func value(_ text: Substring) -> ByteString? {
        let value = text.trimmed
        return isPlain(value) ? ByteString(value) : nil
    }

    private static func isPlain(_ text: Substring) -> Bool {
        !text.utf8.contains { $0.isASCIIBlank || "=!(),<>".utf8.contains($0) }
    }
}
