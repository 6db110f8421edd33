import Domain

/// Where in a request a value stands, in the words of the proto: `config.mounts[2].host_path`.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ path: String) { description = path }

    /// A field of the message at this path.
    package func field(_ name: String) -> FieldPath {
        FieldPath(description.isEmpty ? name : "\(description).\(name)")
    }

    /// An element of the repeated field at this path.
    package func item(_ index: Int) -> FieldPath { FieldPath("\(description)[\(index)]") }

    /// An entry of the map at this path.
    package func key(_ key: String) -> FieldPath { FieldPath("\(description)[\(key.quotedForMessage)]") }

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
