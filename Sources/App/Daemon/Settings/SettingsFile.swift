import ByteText
import YAML

/// The YAML of `/etc/rktlet/rktlet.yaml`: one flat mapping of ``SettingKey``.
package enum SettingsFile {
    /// Reads one document.
    ///
    /// - Parameter name: the file's path, for messages.
    /// - Throws: ``SettingsError`` for what is not YAML, an unknown or repeated key, or a value of the wrong shape, with its line.
    package static func parse(_ text: String, name: String) throws(SettingsError) -> [SettingKey: SettingValue] {
        let root: YAMLNode?
        do {
            root = try YAMLDocument.read(text.utf8)
        } catch {
            throw SettingsError("\(name):\(error.line): not valid YAML: \(error.message)")
        }
        guard let root, !root.isNull else { return [:] }
        guard case .mapping(let mapping) = root.content else {
            throw SettingsError("\(name): must be a mapping of settings, such as \"logLevel: debug\"")
        }
        var values: [SettingKey: SettingValue] = [:]
        var seen: Set<SettingKey> = []
        for (keyNode, node) in mapping {
            let place = "\(name):\(keyNode.line)"
            guard let word = keyNode.text, let key = SettingKey(rawValue: word) else {
                let known = SettingKey.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingsError("\(place): unknown key \"\(keyNode.text ?? "?")\"; known keys: \(known)")
            }
            guard seen.insert(key).inserted else { throw SettingsError("\(place): \(word) is there twice") }
            // A key without a value says nothing: what is weaker holds.
            if node.isNull { continue }
            let content =
                try key == .runtimes
                ? pairs(of: node, key: word, place: place) : content(of: node, key: word, place: place)
            values[key] = SettingValue(content, origin: place)
        }
        return values
    }

    /// A mapping of plain values, as `NAME=VALUE` each.
    private static func pairs(
        of node: YAMLNode, key: String, place: String
    ) throws(SettingsError) -> SettingValue.Content {
        guard case .mapping(let mapping) = node.content else {
            throw SettingsError(
                "\(place): \(key) must be a mapping of names to paths, such as \"runc: /usr/sbin/runc\"")
        }
        var list: [String] = []
        for (nameNode, valueNode) in mapping {
            guard let name = nameNode.text, let value = valueNode.text, !name.has("=") else {
                throw SettingsError("\(place): \(key) must be a mapping of plain names to plain paths")
            }
            list.append("\(name)=\(value)")
        }
        return .list(list)
    }

    private static func content(
        of node: YAMLNode, key: String, place: String
    ) throws(SettingsError) -> SettingValue.Content {
        switch node.content {
        case .scalar(let text, _):
            return .text(text)
        case .sequence(let elements):
            var list: [String] = []
            for element in elements {
                guard let text = element.text else {
                    throw SettingsError("\(place): \(key) must be a list of plain values")
                }
                list.append(text)
            }
            return .list(list)
        case .mapping:
            throw SettingsError("\(place): \(key) must be a value or a list, not a mapping")
        }
    }
}
