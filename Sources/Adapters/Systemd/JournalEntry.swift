import Glibc

/// An entry of the system journal, as far as it was asked for.
package struct JournalEntry: Hashable, Sendable {
    /// Microseconds since the epoch, when the journal took it.
    package var microseconds: UInt64
    /// By their names; what was not asked for, is no text or is too long for one is left out or cut.
    package var fields: [String: String]

    package init(microseconds: UInt64, fields: [String: String]) {
        self.microseconds = microseconds
        self.fields = fields
    }
}

/// The journal cannot be read, with the error's number.
package struct JournalUnreadable: Error, CustomStringConvertible {
    package let code: Int32
    package var description: String { "the system journal cannot be read: \(String(cString: strerror(code)))" }
}

/// There are more values of a field than can be looked through.
package struct JournalSearchTooLong: Error, CustomStringConvertible {
    package let field: String
    package let patience: Duration
    package var description: String {
        "the system journal has more values of \(field) than can be looked through in \(patience.components.seconds) s"
    }
}
