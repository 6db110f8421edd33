import JSON

/// Reads an object's members by name and type. A member that is absent or `null` is the default; one of another type is an error.
struct JSONFields {
    private let members: [String: JSON]
    /// Where the object is, for errors.
    let path: String

    init(_ json: JSON, path: String) throws(CodecError) {
        guard let members = json.objectValue else { throw CodecError(path: path, expected: "an object") }
        self.members = members
        self.path = path
    }

    private func value(_ key: String) -> JSON? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    private func error(_ key: String, _ expected: String) -> CodecError {
        CodecError(path: "\(path).\(key)", expected: expected)
    }

    private func read<T>(_ key: String, _ expected: String, _ get: (JSON) -> T?) throws(CodecError) -> T? {
        guard let value = value(key) else { return nil }
        guard let result = get(value) else { throw error(key, expected) }
        return result
    }

    func has(_ key: String) -> Bool { value(key) != nil }

    func string(_ key: String) throws(CodecError) -> String { try read(key, "a string", \.stringValue) ?? "" }

    func bool(_ key: String) throws(CodecError) -> Bool { try read(key, "true or false", \.boolValue) ?? false }

    /// A whole number within the type's range.
    func integer<T: FixedWidthInteger>(_ key: String, as type: T.Type = T.self) throws(CodecError) -> T {
        try optionalInteger(key) ?? 0
    }

    func optionalInteger<T: FixedWidthInteger>(_ key: String, as type: T.Type = T.self) throws(CodecError) -> T? {
        try read(key, "a whole number from \(T.min) to \(T.max)") { json in
            json.int64Value.flatMap { T(exactly: $0) } ?? json.uint64Value.flatMap { T(exactly: $0) }
        }
    }

    func strings(_ key: String) throws(CodecError) -> [String] { try optionalStrings(key) ?? [] }

    func optionalStrings(_ key: String) throws(CodecError) -> [String]? {
        try read(key, "a list of strings") { json in
            guard let elements = json.arrayValue else { return nil }
            let strings = elements.compactMap(\.stringValue)
            return strings.count == elements.count ? strings : nil
        }
    }

    func array(_ key: String) throws(CodecError) -> [JSON]? { try read(key, "a list", \.arrayValue) }

    func stringMap(_ key: String) throws(CodecError) -> [String: String] {
        try read(key, "an object of strings") { json in
            guard let members = json.objectValue else { return nil }
            let strings = members.compactMapValues(\.stringValue)
            return strings.count == members.count ? strings : nil
        } ?? [:]
    }

    /// One of the values of an enumeration, by raw value.
    func choice<T: RawRepresentable<String>>(_ key: String, default fallback: T) throws(CodecError) -> T {
        try read(key, "a known word") { $0.stringValue.flatMap(T.init(rawValue:)) } ?? fallback
    }

    func object<T>(_ key: String, _ body: (JSONFields) throws(CodecError) -> T) throws(CodecError) -> T? {
        guard let value = value(key) else { return nil }
        return try body(try JSONFields(value, path: "\(path).\(key)"))
    }

    func objects<T>(_ key: String, _ body: (JSONFields) throws(CodecError) -> T) throws(CodecError) -> [T] {
        guard let elements = try read(key, "a list", \.arrayValue) else { return [] }
        var result: [T] = []
        for (index, element) in elements.enumerated() {
            result.append(try body(try JSONFields(element, path: "\(path).\(key)[\(index)]")))
        }
        return result
    }
}

/// A stored or printed document that does not have the expected shape.
struct CodecError: Error, Equatable, CustomStringConvertible {
    let path: String
    let expected: String
    var description: String { "\(path) is not \(expected)" }
}
