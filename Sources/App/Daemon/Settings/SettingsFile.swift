import Yams

/// The YAML of `/etc/rktlet/rktlet.yaml`: one flat mapping of ``SettingKey``.
package enum SettingsFile {
    /// Reads one document.
    ///
    /// - Parameter name: the file's path, for messages.
    /// - Throws: ``SettingsError`` for what is not YAML, an unknown or repeated key, or a value of the wrong shape, with its line.
    package static func parse(_ text: String, name: String) throws(SettingsError) -> [SettingKey: SettingValue] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError("\(name): not valid YAML: \(error)")
        }
        guard let root else { return [:] }
        if case .scalar(let scalar) = root, scalar.string.isEmpty { return [:] }
        guard case .mapping(let mapping) = root else {
            throw SettingsError("\(name): must be a mapping of settings, such as \"logLevel: debug\"")
        }
        var values: [SettingKey: SettingValue] = [:]
        for (keyNode, node) in mapping {
            let place = "\(name):\(keyNode.mark?.line ?? 0)"
            guard let word = keyNode.string, let key = SettingKey(rawValue: word) else {
                let known = SettingKey.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingsError("\(place): unknown key \"\(keyNode.string ?? "?")\"; known keys: \(known)")
            }
            // A key without a value says nothing: what is weaker holds.
            if case .scalar(let scalar) = node, Self.isNull(scalar) { continue }
            values[key] = SettingValue(try content(of: node, key: word, place: place), origin: place)
        }
        return values
    }

    /// YAML's words for nothing, unless they are quoted.
    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        guard scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private static func content(
        of node: Node, key: String, place: String
    ) throws(SettingsError) -> SettingValue.Content {
        switch node {
        case .scalar(let scalar):
            return .text(scalar.string)
        case .sequence(let sequence):
            var list: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element else {
                    throw SettingsError("\(place): \(key) must be a list of plain values")
                }
                list.append(scalar.string)
            }
            return .list(list)
        case .mapping, .alias:
            throw SettingsError("\(place): \(key) must be a value or a list, not a mapping")
        }
    }
}
