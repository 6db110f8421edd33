/// A value of a YAML document, with its place in the text (YAML 1.2.2, section 3.2.1, representation graph; aliases resolved, tags left out).
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        /// - Parameter isPlain: written without quotes, and not as a block: only these may mean something other than text.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the text. Keys are scalars; one may be there twice.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    package var content: Content
    /// From 1.
    package var line: Int
    /// From 1.
    package var column: Int

    /// The text of a scalar; nil for anything else.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// YAML's words for nothing, unless they are quoted (section 10.3.2, core schema).
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains { $0.utf8.elementsEqual(text.utf8) }
    }
}

/// Why a text is no YAML document.
package struct YAMLError: Error, Hashable, CustomStringConvertible {
    package var message: String
    /// From 1.
    package var line: Int
    /// From 1.
    package var column: Int

    package var description: String { "line \(line) column \(column): \(message)" }
}
