import JSON

/// An object under construction, which leaves out what is empty: stored requests stay small, and absent means the default.
struct JSONMembers {
    private var members: [String: JSON] = [:]

    var json: JSON { .object(members) }
    var isEmpty: Bool { members.isEmpty }

    mutating func set(_ key: String, _ value: JSON?) {
        if let value { members[key] = value }
    }

    mutating func set(_ key: String, _ value: String) {
        if !value.isEmpty { members[key] = .string(value) }
    }

    mutating func set(_ key: String, _ value: Bool) {
        if value { members[key] = true }
    }

    mutating func set(_ key: String, _ value: some BinaryInteger) {
        if value != 0 { members[key] = .integer(Int64(clamping: value)) }
    }

    mutating func set(_ key: String, _ values: [String]) {
        if !values.isEmpty { members[key] = .array(values.map { .string($0) }) }
    }

    mutating func set(_ key: String, _ values: [JSON]) {
        if !values.isEmpty { members[key] = .array(values) }
    }

    mutating func set(_ key: String, _ values: [String: String]) {
        if !values.isEmpty { members[key] = .object(values.mapValues { .string($0) }) }
    }
}
