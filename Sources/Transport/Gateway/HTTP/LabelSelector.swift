/// Which labels something must have, in the words of Kubernetes (concepts/overview/working-with-objects/labels, "Label selectors"):
/// `app=web,tier!=back,zone in (a,b),zone notin (c),canary,!old`.
struct LabelSelector: Equatable {
    enum Requirement: Equatable {
        case oneOf(key: String, values: Set<String>)
        /// Also where there is no such label.
        case noneOf(key: String, values: Set<String>)
        case there(key: String)
        case notThere(key: String)
    }

    /// All of them must hold; none: everything matches.
    private(set) var requirements: [Requirement] = []

    init() {}

    /// - Returns: nil for what is no selector.
    init?(_ text: String) {
        for term in Self.terms(of: text) {
            guard let requirement = Self.requirement(term) else { return nil }
            requirements.append(requirement)
        }
    }

    mutating func add(_ other: LabelSelector) { requirements += other.requirements }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .oneOf(let key, let values): labels[key].map(values.contains) ?? false
            case .noneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .there(let key): labels[key] != nil
            case .notThere(let key): labels[key] == nil
            }
        }
    }

    /// Divided at the commas that are not in parentheses.
    private static func terms(of text: String) -> [Substring] {
        var terms: [Substring] = []
        var (begin, depth) = (text.startIndex, 0)
        for (index, character) in zip(text.indices, text) {
            switch character {
            case "(": depth += 1
            case ")": depth -= 1
            case "," where depth == 0:
                terms.append(text[begin..<index])
                begin = text.index(after: index)
            default: break
            }
        }
        return terms + [text[begin...]]
    }

    private static func requirement(_ term: Substring) -> Requirement? {
        let term = trimmed(term)
        if term.hasPrefix("!") { return key(term.dropFirst()).map { .notThere(key: $0) } }
        if term.hasSuffix(")") { return set(term) }
        guard let sign = term.firstIndex(where: { $0 == "=" || $0 == "!" }) else {
            return key(term).map { .there(key: $0) }
        }
        guard let key = key(term[..<sign]) else { return nil }
        let rest = term[sign...]
        for (sign, isEqual) in [("==", true), ("!=", false), ("=", true)] where rest.hasPrefix(sign) {
            guard let value = value(rest.dropFirst(sign.count)) else { return nil }
            return isEqual ? .oneOf(key: key, values: [value]) : .noneOf(key: key, values: [value])
        }
        return nil
    }

    /// `key in (a,b)`, `key notin (a,b)`.
    private static func set(_ term: Substring) -> Requirement? {
        guard let open = term.firstIndex(of: "(") else { return nil }
        let words = term[..<open].split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let key = key(words[0]) else { return nil }
        var values: Set<String> = []
        for part in term[term.index(after: open)...].dropLast().split(separator: ",", omittingEmptySubsequences: false)
        {
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
        let key = trimmed(text)
        return key.isEmpty || !isPlain(key) ? nil : String(key)
    }

    /// May be empty.
    private static func value(_ text: Substring) -> String? {
        let value = trimmed(text)
        return isPlain(value) ? String(value) : nil
    }

    private static func isPlain(_ text: Substring) -> Bool {
        !text.contains { $0.isWhitespace || "=!(),<>".contains($0) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
