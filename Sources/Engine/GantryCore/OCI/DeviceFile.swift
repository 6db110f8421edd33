import ByteText
import JSON
import YAML

/// A file of device specifications (CDI), JSON or YAML by its name.
enum DeviceFile {
    static func isNamed(_ name: String) -> Bool { name.ends(with: ".json") || isYAML(name) }

    private static func isYAML(_ name: String) -> Bool { name.ends(with: ".yaml") || name.ends(with: ".yml") }

    /// - Throws: what is wrong with the text.
    static func parse(_ bytes: [UInt8], name: String) throws -> JSON {
        guard isYAML(name) else { return try JSON(parsing: bytes) }
        guard let node = try YAMLDocument.read(bytes) else { return .null }
        return try value(node)
    }

    private static func value(_ node: YAMLNode) throws -> JSON {
        switch node.content {
        case .scalar(let text, let isPlain): return isPlain ? plain(text, isNull: node.isNull) : .string(text)
        case .sequence(let elements): return .array(try elements.map(value))
        case .mapping(let pairs):
            var members: [String: JSON] = [:]
            for (key, element) in pairs {
                guard let name = key.text else {
                    throw EngineError(.invalid, "line \(key.line): a key must be a string")
                }
                guard members.updateValue(try value(element), forKey: name) == nil else {
                    throw EngineError(.invalid, "line \(key.line): \"\(name)\" is there twice")
                }
            }
            return .object(members)
        }
    }

    /// As the core schema has it, as far as these files mean something by it: whole numbers, also octal ones (`0o660` and, of YAML 1.1, `0660`).
    private static func plain(_ text: String, isNull: Bool) -> JSON {
        if isNull { return .null }
        if text == "true" || text == "false" { return .bool(text == "true") }
        if let digits = text.without(prefix: "0o") ?? (text.utf8.count > 1 ? text.without(prefix: "0") : nil) {
            return Int64(String(digits), radix: 8).map { .integer($0) } ?? .string(text)
        }
        return Int64(digits: text).map { .integer($0) } ?? .string(text)
    }
}
