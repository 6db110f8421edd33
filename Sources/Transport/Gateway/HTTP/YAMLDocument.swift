import Domain
import JSON
import Yams

/// YAML as far as it is another way to write JSON: no tags, and aliases as far as they do not blow up.
enum YAMLDocument {
    private static let largest = 100_000

    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(.badRequest, code: "malformed", "YAML: not UTF-8")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw Problem(.badRequest, code: "malformed", "YAML: there is no document")
            }
            var size = 0
            return try value(node, depth: limits.maximumDepth, size: &size)
        } catch let error as YamlError {
            throw Problem(.badRequest, code: "malformed", "YAML: \(place(of: error))")
        }
    }

    private static func value(_ node: Node, depth: Int, size: inout Int) throws -> JSON {
        size += 1
        // Aliases make a small text a huge value ("billion laughs").
        guard size <= largest else { throw malformed(node, "too large once its aliases are resolved") }
        guard depth > 0 else { throw malformed(node, "nested too deep") }
        switch node {
        case .scalar(let scalar): return try self.scalar(node, scalar)
        case .sequence(let sequence):
            var elements: [JSON] = []
            for element in sequence { elements.append(try value(element, depth: depth - 1, size: &size)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [String: JSON] = [:]
            for (key, element) in mapping {
                guard case .scalar(let name) = key else { throw malformed(key, "a key must be a string") }
                guard members[name.string] == nil else { throw malformed(key, "\(name.string) is there twice") }
                members[name.string] = try value(element, depth: depth - 1, size: &size)
            }
            return .object(members)
        case .alias: throw malformed(node, "an alias without its anchor")
        }
    }

    private static func scalar(_ node: Node, _ scalar: Node.Scalar) throws -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            // Numbers as JSON has them; what only YAML takes for a number (0x1F, 1_000) is a string.
            let isNumber = scalar.string.utf8.first.map { $0 == UInt8(ascii: "-") || (48...57).contains($0) } ?? false
            return isNumber ? (try? JSON(parsing: scalar.string)) ?? .string(scalar.string) : .string(scalar.string)
        }
    }

    private static func malformed(_ node: Node, _ what: String) -> Problem {
        let mark = node.mark.map { "line \($0.line) column \($0.column): " } ?? ""
        return Problem(.badRequest, code: "malformed", "YAML \(mark)\(what)")
    }

    private static func place(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "line \(mark.line) column \(mark.column): \(problem)"
        default: return "it cannot be read"
        }
    }
}
