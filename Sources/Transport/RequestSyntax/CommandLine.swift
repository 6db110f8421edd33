import Domain

/// Words for execve(2).
package enum CommandLine {
    package static func parse(_ wire: [String], at path: FieldPath) throws(DomainError) -> [String] {
        try path.each(wire) { (word, path) throws(DomainError) in try path.withoutNUL(word) }
    }

    /// A command that has to be there.
    package static func parseFilled(_ wire: [String], at path: FieldPath) throws(DomainError) -> [String] {
        guard let program = wire.first else { throw path.invalid("must not be empty") }
        _ = try path.item(0).filled(program)
        return try parse(wire, at: path)
    }
}
