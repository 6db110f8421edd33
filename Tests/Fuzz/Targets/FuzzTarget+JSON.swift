import JSON

extension FuzzTarget {
    /// JSON: what was read and written again is the same, however it is written.
    static let json = FuzzTarget("json", longest: 4096) { input in
        guard let value = try? JSON(parsing: input) else { return }
        try promise(depth(of: value) <= JSONLimits.default.maximumDepth + 1, "deeper than the limit")
        let text = value.serialized()
        guard let again = try? JSON(parsing: text) else { throw Finding("cannot read what it wrote") }
        try promise(again == value, "reads another value than it wrote")
        try promise(again.serialized().utf8.elementsEqual(text.utf8), "writes the same value in two ways")
        guard let pretty = try? JSON(parsing: value.serialized(pretty: true)) else {
            throw Finding("cannot read what it wrote in lines")
        }
        try promise(pretty == value, "reads another value than it wrote in lines")
        if let data = value.stringValue.flatMap(JSONBytes.decode) {
            try promise(JSONBytes.decode(JSONBytes.encode(data)) == data, "base64 does not come back")
        }
        PlantedTrap.here(value["a"]?[0]?.int64Value == 0x1234_5678)
    }

    private static func depth(of value: JSON) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let members): 1 + (members.values.map(depth).max() ?? 0)
        default: 1
        }
    }
}
