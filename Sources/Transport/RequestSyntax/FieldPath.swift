import ByteText
import Domain

/// Where in a request a value stands: `config.mounts[2].host_path` in the words of the proto, `config.mounts[2].hostPath` in those of its
/// JSON.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    /// How fields are spelled; they are named as in the proto everywhere in the code.
    package enum Spelling: Hashable, Sendable {
        case proto
        case json
    }

    package let description: String
    private let spelling: Spelling

    package init(_ path: String, spelling: Spelling = .proto) {
        description = path
        self.spelling = spelling
    }

    /// A field of the message at this path.
    ///
    /// - Parameter name: as in the proto.
    package func field(_ name: String) -> FieldPath {
        let spelled = spelling == .json ? name.jsonFieldName : name
        return with(description.isEmpty ? spelled : "\(description).\(spelled)")
    }

    /// An element of the repeated field at this path.
    package func item(_ index: Int) -> FieldPath { with("\(description)[\(index)]") }

    /// An entry of the map at this path.
    package func key(_ key: String) -> FieldPath { with("\(description)[\(key.quotedForMessage)]") }

    private func with(_ path: String) -> FieldPath { FieldPath(path, spelling: spelling) }

    /// The error that says what is wrong with the value here.
    package func invalid(_ why: String) -> DomainError { DomainError(.invalidArgument, "\(description): \(why)") }

    /// Parses each element with the path of its own.
    package func each<Wire, Value>(
        _ elements: [Wire], _ parse: (Wire, FieldPath) throws(DomainError) -> Value
    ) throws(DomainError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { values.append(try parse(element, item(index))) }
        return values
    }
}

extension String {
    /// `host_path` → `hostPath`, as protobuf's JSON mapping makes it of a field's name.
    package var jsonFieldName: String {
        var name = ""
        var capitalise = false
        for character in self {
            if character == "_" {
                capitalise = true
            } else {
                name += capitalise ? String(character).uppercasedASCII : String(character)
                capitalise = false
            }
        }
        return name
    }

    /// The string as an error message may hold it: quoted, control characters escaped, no longer than 80 characters.
    package var quotedForMessage: String {
        var quoted = "\""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == 80 {
                quoted += "…"
                break
            }
            quoted += scalar.escaped(asASCII: false)
        }
        return quoted + "\""
    }
}
