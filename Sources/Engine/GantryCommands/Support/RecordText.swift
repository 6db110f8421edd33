import ByteText
import JSON

/// A record for people: one `key: value` a line, empty ones left out; annotations, which may be long, at the end.
enum RecordText {
    static func lines(of record: JSON, without hidden: Set<String> = []) -> [String] {
        let members = record.objectValue ?? [:]
        let keys = members.keys.filter { !hidden.contains($0) && $0 != "annotations" }.sorted()
        return (keys + (hidden.contains("annotations") ? [] : ["annotations"])).compactMap { key in
            // A time that is there to the nanosecond as well is said once.
            guard members["\(key)_ns"] == nil, let value = members[key] else { return nil }
            let name = key.without(suffix: "_at_ns").map { "\($0)_at" } ?? key
            if name.ends(with: "_at"), let moment = value.int64Value {
                return moment > 0 ? "\(name): \(Readable.time(moment))" : nil
            }
            return text(of: value).map { "\(name): \($0)" }
        }
    }

    private static func text(of value: JSON) -> String? {
        switch value {
        case .null, .string(""), .array([]), .object([:]): nil
        case .string(let text): text.forTerminal
        default: value.serialized()
        }
    }
}
