/// A flat JSON object (RFC 8259), for the `info` maps of verbose answers.
package struct JSONObject: Sendable, CustomStringConvertible {
    package enum Value: Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)
    }

    private let members: [(name: String, value: Value)]

    package init(_ members: [(String, Value)]) { self.members = members.map { (name: $0.0, value: $0.1) } }

    /// Members in the order of their names.
    package init(_ texts: [String: String]) {
        self.init(texts.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }

    package var description: String {
        let fields = members.map { member in
            let value =
                switch member.value {
                case .text(let text): Self.quote(text)
                case .number(let number): String(number)
                case .flag(let flag): String(flag)
                }
            return "\(Self.quote(member.name)):\(value)"
        }
        return "{" + fields.joined(separator: ",") + "}"
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1f}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
