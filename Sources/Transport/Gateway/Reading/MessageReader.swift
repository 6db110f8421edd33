import ByteText
import Domain
import JSON
import RequestSyntax

/// A JSON object that is read as a message of the CRI (protobuf's JSON mapping): every member once, in either spelling (`hostPath`,
/// `host_path`); null is absent; what is left at the end is unknown and refused.
struct MessageReader {
    let path: FieldPath
    private var members: [String: JSON]

    /// - Throws: `invalidArgument` for what is no object.
    init(_ json: JSON, at path: FieldPath) throws(DomainError) {
        guard case .object(let members) = json else {
            throw (path.description.isEmpty ? FieldPath("body") : path).expected("an object", json)
        }
        self.path = path
        self.members = members
    }

    /// Refuses what nobody asked for, by name.
    func finish() throws(DomainError) {
        guard let unknown = members.keys.min() else { return }
        let more = members.count > 1 ? " (and \(members.count - 1) more)" : ""
        let place = path.description.isEmpty ? FieldPath("body") : path
        throw place.invalid("unknown field \(unknown.quotedForMessage)\(more)")
    }

    /// - Parameter name: as in the proto.
    mutating func take(_ name: String) throws(DomainError) -> JSON? {
        let spelled = name.jsonFieldName
        let value = members.removeValue(forKey: spelled)
        let other = spelled == name ? JSON?.none : members.removeValue(forKey: name)
        guard value == nil || other == nil else {
            throw path.field(name).invalid("is given twice, as \(spelled) and as \(name)")
        }
        // A bare nil could be JSON's own null here.
        guard let given = value ?? other, given != .null else { return Optional.none }
        return given
    }

    // MARK: Scalars; what is absent has the default of proto3

    mutating func string(_ name: String) throws(DomainError) -> String { try optionalString(name) ?? "" }

    mutating func optionalString(_ name: String) throws(DomainError) -> String? {
        guard let json = try take(name) else { return nil }
        guard case .string(let value) = json else { throw path.field(name).expected("a string", json) }
        return value
    }

    mutating func bool(_ name: String) throws(DomainError) -> Bool {
        guard let json = try take(name) else { return false }
        guard case .bool(let value) = json else { throw path.field(name).expected("true or false", json) }
        return value
    }

    mutating func number<Value: FixedWidthInteger>(_ name: String, as type: Value.Type = Value.self) throws(DomainError)
        -> Value
    {
        guard let json = try take(name) else { return 0 }
        return try WholeNumber.parse(json, at: path.field(name))
    }

    /// `Int64Value`: a message around a number, so that nothing and zero differ.
    mutating func wrappedNumber(_ name: String) throws(DomainError) -> Int64? {
        try message(name) { (json, path) throws(DomainError) in
            var reader = try MessageReader(json, at: path)
            let value = try reader.number("value", as: Int64.self)
            try reader.finish()
            return value
        }
    }

    /// Base64, with or without padding, in the alphabet of files or of URLs.
    mutating func optionalBytes(_ name: String) throws(DomainError) -> [UInt8]? {
        guard let given = try optionalString(name) else { return nil }
        let text = given.replacingByte("-", with: "+").replacingByte("_", with: "/")
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = JSONBytes.decode(padded) else {
            throw path.field(name).invalid("must be base64")
        }
        return bytes
    }

    /// A value of an enum by its name, or by its number.
    ///
    /// - Parameter names: in the order of their numbers, which begin at 0.
    mutating func choice<Value>(_ name: String, _ names: KeyValuePairs<String, Value>) throws(DomainError) -> Value {
        switch try take(name) {
        case nil: return names[0].value
        case .string(let text):
            guard let found = names.first(where: { $0.key == text }) else {
                let known = names.map(\.key).joined(separator: ", ")
                throw path.field(name).invalid("\(text.quotedForMessage) is none of \(known)")
            }
            return found.value
        case .integer(let number):
            guard let index = Int(exactly: number), names.indices.contains(index) else {
                throw path.field(name).invalid("unknown value \(number)")
            }
            return names[index].value
        case let json?: throw path.field(name).expected("the name of a value", json)
        }
    }

    // MARK: Compounds

    mutating func message<Value>(
        _ name: String, _ parse: (JSON, FieldPath) throws(DomainError) -> Value
    ) throws(DomainError) -> Value? {
        guard let json = try take(name) else { return nil }
        return try parse(json, path.field(name))
    }

    mutating func list<Value>(
        _ name: String, _ parse: (JSON, FieldPath) throws(DomainError) -> Value
    ) throws(DomainError) -> [Value] {
        guard let json = try take(name) else { return [] }
        guard case .array(let elements) = json else { throw path.field(name).expected("a list", json) }
        return try path.field(name).each(elements, parse)
    }

    mutating func strings(_ name: String) throws(DomainError) -> [String] {
        try list(name) { (json, path) throws(DomainError) in
            guard case .string(let value) = json else { throw path.expected("a string", json) }
            return value
        }
    }

    mutating func numbers(_ name: String) throws(DomainError) -> [Int64] {
        try list(name) { (json, path) throws(DomainError) in try WholeNumber.parse(json, at: path) }
    }

    mutating func stringMap(_ name: String) throws(DomainError) -> [String: String] {
        guard let json = try take(name) else { return [:] }
        guard case .object(let members) = json else { throw path.field(name).expected("an object of strings", json) }
        var map = [String: String](minimumCapacity: members.count)
        for (key, value) in members {
            guard case .string(let text) = value else { throw path.field(name).key(key).expected("a string", value) }
            map[key] = text
        }
        return map
    }
}

/// The numbers of protobuf's JSON mapping: plain, in quotes, or with a fraction of zero.
enum WholeNumber {
    static func parse<Value: FixedWidthInteger>(_ json: JSON, at path: FieldPath) throws(DomainError) -> Value {
        let value: Value? =
            switch json {
            case .integer(let number): Value(exactly: number)
            case .unsigned(let number): Value(exactly: number)
            // Above 2^53 a double no longer says which whole number was written.
            case .double(let number): number.magnitude <= 0x1p53 ? Value(exactly: number) : nil
            case .string(let text): Value(decimal: text)
            default: throw path.expected("a whole number", json)
            }
        guard let value else {
            throw path.invalid("must be a whole number between \(Value.min) and \(Value.max)")
        }
        return value
    }
}

extension FieldPath {
    /// The error for a value of another type.
    func expected(_ what: String, _ json: JSON) -> DomainError {
        let got =
            switch json {
            case .null: "null"
            case .bool: "true or false"
            case .integer, .unsigned, .double: "a number"
            case .string: "a string"
            case .array: "a list"
            case .object: "an object"
            }
        return invalid("must be \(what), not \(got)")
    }
}
