import Domain
import JSON
import RequestSyntax
import YAML

/// YAML as far as it is another way to write JSON: no tags, and aliases as far as they do not blow up.
enum YAMLText {
    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws -> JSON {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem(.badRequest, code: "malformed", "YAML: not UTF-8")
        }
        var own = YAMLLimits()
        own.depth = limits.maximumDepth
        do {
            guard let node = try YAMLDocument.read(bytes, limits: own) else {
                throw Problem(.badRequest, code: "malformed", "YAML: there is no document")
            }
            return try value(node)
        } catch let error as YAMLError {
            throw Problem(.badRequest, code: "malformed", "YAML: \(error)")
        }
    }

    private static func value(_ node: YAMLNode) throws -> JSON {
        switch node.content {
        case .scalar(let text, let isPlain): return isPlain ? plain(text) : .string(text)
        case .sequence(let elements): return .array(try elements.map(value))
        case .mapping(let pairs):
            var members: [String: JSON] = [:]
            var names: Set<[UInt8]> = []
            for (key, element) in pairs {
                guard let name = key.text else { throw malformed(key, "a key must be a string") }
                guard names.insert(Array(name.utf8)).inserted else {
                    throw malformed(key, "\(name.quotedForMessage) is there twice")
                }
                // Another spelling of the same letters would take the place of the first without a word.
                guard members.updateValue(try value(element), forKey: name) == nil else {
                    throw malformed(key, "\(name.quotedForMessage) is there in two spellings of Unicode")
                }
            }
            return .object(members)
        }
    }

    private static func plain(_ text: String) -> JSON {
        if let word = words.first(where: { $0.text.utf8.elementsEqual(text.utf8) }) { return word.value }
        // Numbers as JSON has them; what only YAML takes for a number (0x1F, 1_000) is a string.
        let isNumber = text.utf8.first.map { $0 == UInt8(ascii: "-") || (48...57).contains($0) } ?? false
        return isNumber && text.utf8.count <= longestNumber
            ? (try? JSON(parsing: text)) ?? .string(text) : .string(text)
    }

    private static let words: [(text: String, value: JSON)] =
        ["", "~", "null", "Null", "NULL"].map { ($0, .null) } + ["true", "True", "TRUE"].map { ($0, .bool(true)) }
        + ["false", "False", "FALSE"].map { ($0, .bool(false)) }

    /// No number that means something here has more digits.
    private static let longestNumber = 64

    private static func malformed(_ node: YAMLNode, _ what: String) -> Problem {
        Problem(.badRequest, code: "malformed", "YAML: line \(node.line) column \(node.column): \(what)")
    }
}
