import JSON

/// A record for people: one `key: value` a line, empty ones left out.
enum RecordText {
    static func lines(of record: JSON, without hidden: Set<String> = []) -> [String] {
        let members = record.objectValue ?? [:]
        return members.keys.filter { !hidden.contains($0) }.sorted().compactMap { key in
            guard let value = members[key], let text = text(of: value) else { return nil }
            return "\(key): \(text)"
        }
    }

    private static func text(of value: JSON) -> String? {
        switch value {
        case .null, .string(""), .array([]), .object([:]): nil
        case .string(let text): text
        default: value.serialized()
        }
    }
}
