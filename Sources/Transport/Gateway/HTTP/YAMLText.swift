import Domain
import JSON
import YAML

/// YAML as far as it is another way to write JSON: no tags, and aliases as far as they do not blow up.
enum YAMLText {
    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws -> JSON {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem(.badRequest, code: "malformed", "YAML: not UTF-8")
        }
        var own = YAMLDocument.Limits()
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
            for (key, element) in pairs {
                guard let name = key.text else { throw malformed(key, "a key must be a string") }
                guard members[name] == nil else { throw malformed(key, "\(name) is there twice") }
                members[name] = try value(element)
            }
            return .object(members)
        }
    }

    private static func plain(_ text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            // Numbers as JSON has them; what only YAML takes for a number (0x1F, 1_000) is a string.
            let isNumber = text.utf8.first.map { $0 == UInt8(ascii: "-") || (48...57).contains($0) } ?? false
            return isNumber ? (try? JSON(parsing: text)) ?? .string(text) : .string(text)
        }
    }

    private static func malformed(_ node: YAMLNode, _ what: String) -> Problem {
        Problem(.badRequest, code: "malformed", "YAML: line \(node.line) column \(node.column): \(what)")
    }
}
