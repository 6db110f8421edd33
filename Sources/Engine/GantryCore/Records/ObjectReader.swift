import ByteText
import JSON

/// Takes the members of one JSON object, names the key path of whatever is wrong, and knows what nobody asked for.
///
/// A configuration ends with `finish()`, which refuses unknown keys; a record does not, so that a newer engine may add to it.
/// `null` counts as absent.
struct ObjectReader {
    let path: String
    private var fields: [String: JSON]

    init(_ json: JSON, path: String = "") throws(EngineError) {
        guard let fields = json.objectValue else {
            throw EngineError(.invalid, "\(path.isEmpty ? "configuration" : path): must be an object")
        }
        self.path = path
        self.fields = fields
    }

    func keyPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func invalid(_ key: String, _ problem: String) -> EngineError {
        EngineError(.invalid, "\(keyPath(key)): \(problem)")
    }

    /// The member, or nil where it is absent or `null`; it counts as known from now on.
    mutating func take(_ key: String) -> JSON? {
        guard let value = fields.removeValue(forKey: key), value != .null else { return nil }
        return value
    }

    mutating func optionalString(_ key: String) throws(EngineError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.stringValue else { throw invalid(key, "must be a string") }
        guard !text.utf8.contains(0) else { throw invalid(key, "must not contain a NUL byte") }
        return text
    }

    mutating func string(_ key: String) throws(EngineError) -> String {
        try optionalString(key) ?? ""
    }

    mutating func bool(_ key: String) throws(EngineError) -> Bool {
        guard let value = take(key) else { return false }
        guard case .bool(let flag) = value else { throw invalid(key, "must be true or false") }
        return flag
    }

    mutating func optionalInteger(
        _ key: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(EngineError) -> Int64? {
        guard let value = take(key) else { return nil }
        guard case .integer(let number) = value else { throw invalid(key, "must be an integer") }
        guard range.contains(number) else {
            throw invalid(key, "\(number) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func integer(
        _ key: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(EngineError) -> Int64 {
        try optionalInteger(key, in: range) ?? 0
    }

    /// Absent: nil. Strings only.
    mutating func optionalStrings(_ key: String) throws(EngineError) -> [String]? {
        guard let value = take(key) else { return nil }
        guard let items = value.arrayValue else { throw invalid(key, "must be a list of strings") }
        var strings: [String] = []
        strings.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            guard let text = item.stringValue else { throw invalid("\(key)[\(index)]", "must be a string") }
            guard !text.utf8.contains(0) else { throw invalid("\(key)[\(index)]", "must not contain a NUL byte") }
            strings.append(text)
        }
        return strings
    }

    mutating func strings(_ key: String) throws(EngineError) -> [String] {
        try optionalStrings(key) ?? []
    }

    mutating func stringMap(_ key: String) throws(EngineError) -> [String: String] {
        guard let value = take(key) else { return [:] }
        guard let members = value.objectValue else { throw invalid(key, "must be an object of strings") }
        var map: [String: String] = [:]
        map.reserveCapacity(members.count)
        for (name, member) in members {
            guard let text = member.stringValue else { throw invalid("\(key).\(name)", "must be a string") }
            map[name] = text
        }
        return map
    }

    /// The items of a list of anything; absent: empty.
    mutating func items(_ key: String) throws(EngineError) -> [JSON] {
        guard let value = take(key) else { return [] }
        guard let items = value.arrayValue else { throw invalid(key, "must be a list") }
        return items
    }

    /// The members of an object of anything; absent: empty.
    mutating func members(_ key: String) throws(EngineError) -> [String: JSON] {
        guard let value = take(key) else { return [:] }
        guard let members = value.objectValue else { throw invalid(key, "must be an object") }
        return members
    }

    /// The nested object, read by `body`; nil where it is absent.
    mutating func object<Value>(
        _ key: String, _ body: (inout ObjectReader) throws(EngineError) -> Value
    ) throws(EngineError) -> Value? {
        guard let value = take(key) else { return nil }
        var reader = try ObjectReader(value, path: keyPath(key))
        return try body(&reader)
    }

    /// The objects of a list, each read by `body`; absent: empty.
    mutating func objects<Value>(
        _ key: String, _ body: (inout ObjectReader) throws(EngineError) -> Value
    ) throws(EngineError) -> [Value] {
        guard let value = take(key) else { return [] }
        guard let items = value.arrayValue else { throw invalid(key, "must be a list") }
        var values: [Value] = []
        values.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            var reader = try ObjectReader(item, path: "\(keyPath(key))[\(index)]")
            values.append(try body(&reader))
        }
        return values
    }

    /// One of the cases of `Value`; absent or empty: `fallback`.
    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Value
    ) throws(EngineError) -> Value where Value.RawValue == String {
        try optionalChoice(key) ?? fallback
    }

    /// One of the cases of `Value`; nil where absent or empty.
    mutating func optionalChoice<Value: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(EngineError) -> Value? where Value.RawValue == String {
        let text = try string(key)
        if text.isEmpty { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(key, "\"\(text)\" is not one of \(known)")
        }
        return value
    }

    /// An absolute path; absent: empty.
    mutating func absolutePath(_ key: String) throws(EngineError) -> String {
        let text = try string(key)
        guard text.isEmpty || text.begins(with: "/") else { throw invalid(key, "\"\(text)\" is not an absolute path") }
        try checkLength(key, of: text)
        return text
    }

    /// Absolute paths; nil where absent.
    mutating func absolutePaths(_ key: String) throws(EngineError) -> [String]? {
        guard let paths = try optionalStrings(key) else { return nil }
        for (index, path) in paths.enumerated() where !path.begins(with: "/") {
            throw invalid("\(key)[\(index)]", "\"\(path)\" is not an absolute path")
        }
        for (index, path) in paths.enumerated() { try checkLength("\(key)[\(index)]", of: path) }
        return paths
    }

    /// What the kernel takes (NAME_MAX, PATH_MAX with its NUL).
    private func checkLength(_ key: String, of path: String) throws(EngineError) {
        guard path.utf8.count < 4096 else {
            throw invalid(key, "has \(path.utf8.count) bytes; a path has 4095 at most")
        }
        guard let long = path.pieces(at: "/").first(where: { $0.utf8.count > 255 }) else { return }
        throw invalid(key, "\"\(long.prefix(32))…\" has \(long.utf8.count) bytes; a file's name has 255 at most")
    }

    /// Refuses what is left over.
    func finish() throws(EngineError) {
        guard let key = fields.keys.min() else { return }
        throw invalid(key, "unknown key")
    }
}

extension JSON {
    static func strings(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }

    static func stringMap(_ values: [String: String]) -> JSON { .object(values.mapValues { .string($0) }) }
}
